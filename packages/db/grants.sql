-- What the workers may do in the database, and nothing else: run it as the owner of the tables, after each `npm run migrate`.
-- It needs the roles `llm_gateway` and `session_ingest` (docs/deploy.md). Tests run the workers as these roles.

grant usage on schema public, gateway to llm_gateway;
grant usage on schema public to session_ingest;

-- llm-gateway: who asks, what they have, and what they may.
grant select on
  kilocode_users, organizations, organization_memberships, organization_user_limits, organization_user_usage,
  byok_api_keys, custom_llm, models_by_provider, temp_phase,
  credit_transactions, payment_methods, auto_top_up_configs,
  kilo_pass_subscriptions, kilo_pass_issuances, kilo_pass_issuance_items, kilo_pass_audit_log
  to llm_gateway;

-- What a request costs, and what is known of it.
grant select, insert on
  microdollar_usage, microdollar_usage_metadata,
  auto_model, editor_name, feature, finish_reason, http_ip, http_user_agent, ja4_digest, mode, system_prompt_prefix,
  vercel_ip_city, vercel_ip_country
  to llm_gateway;
grant update (cost, input_tokens, output_tokens, cache_write_tokens, cache_hit_tokens, provider, model, cache_discount,
  has_error, inference_provider) on microdollar_usage to llm_gateway;
grant update on microdollar_usage_metadata to llm_gateway;
grant usage on sequence
  auto_model_auto_model_id_seq, editor_name_editor_name_id_seq, feature_feature_id_seq,
  finish_reason_finish_reason_id_seq, http_ip_http_ip_id_seq, http_user_agent_http_user_agent_id_seq,
  ja4_digest_ja4_digest_id_seq, mode_mode_id_seq, system_prompt_prefix_system_prompt_prefix_id_seq,
  vercel_ip_city_vercel_ip_city_id_seq, vercel_ip_country_vercel_ip_country_id_seq
  to llm_gateway;
grant insert on free_model_usage, api_request_log, temp_phase to llm_gateway;
grant select (id) on free_model_usage to llm_gateway;
grant usage on sequence api_request_log_id_seq to llm_gateway;

-- What is spent, expires, is given and is bought. Nobody is made, deleted, blocked or unblocked.
grant update (microdollars_used, total_microdollars_acquired, next_credit_expiration_at, kilo_pass_threshold,
  auto_top_up_enabled, updated_at) on kilocode_users to llm_gateway;
grant update (microdollars_used, microdollars_balance, total_microdollars_acquired, next_credit_expiration_at,
  auto_top_up_enabled, updated_at) on organizations to llm_gateway;
grant insert, update (microdollar_usage, updated_at) on organization_user_usage to llm_gateway;
grant insert, update (expiration_baseline_microdollars_used) on credit_transactions to llm_gateway;
grant update (attempt_started_at, disabled_reason, updated_at) on auto_top_up_configs to llm_gateway;
grant insert on kilo_pass_issuance_items, kilo_pass_audit_log to llm_gateway;
-- To lock an issuance while its bonus is given. It changes nothing of it.
grant update (updated_at) on kilo_pass_issuances to llm_gateway;

-- Its own tables, but for the journal of their migrations.
grant select, insert, update on gateway.attempts, gateway.heartbeats to llm_gateway;
grant select, insert, update, delete on gateway.lookup_additions to llm_gateway;

-- session-ingest: whose sessions they are, and where each is.
grant select (id, api_token_pepper, blocked_reason) on kilocode_users to session_ingest;
grant select (id) on organizations to session_ingest;
grant select (organization_id, kilo_user_id) on organization_memberships to session_ingest;
grant select, insert, update, delete on cli_sessions_v2 to session_ingest;
