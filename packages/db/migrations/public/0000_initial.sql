CREATE TABLE "auto_top_up_configs" (
	"id" uuid PRIMARY KEY DEFAULT pg_catalog.gen_random_uuid() NOT NULL,
	"owned_by_user_id" text,
	"owned_by_organization_id" uuid,
	"created_by_user_id" text,
	"stripe_payment_method_id" text NOT NULL,
	"amount_cents" integer DEFAULT 5000 NOT NULL,
	"last_auto_top_up_at" timestamp with time zone,
	"attempt_started_at" timestamp with time zone,
	"disabled_reason" text,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "auto_top_up_configs_owner_check" CHECK (("auto_top_up_configs"."owned_by_user_id" is not null) <> ("auto_top_up_configs"."owned_by_organization_id" is not null))
);
--> statement-breakpoint
CREATE TABLE "credit_transactions" (
	"id" uuid PRIMARY KEY DEFAULT pg_catalog.gen_random_uuid() NOT NULL,
	"kilo_user_id" text NOT NULL,
	"amount_microdollars" bigint NOT NULL,
	"expiration_baseline_microdollars_used" bigint,
	"original_baseline_microdollars_used" bigint,
	"is_free" boolean NOT NULL,
	"description" text,
	"original_transaction_id" uuid,
	"stripe_payment_id" text,
	"coinbase_credit_block_id" text,
	"credit_category" text,
	"expiry_date" timestamp with time zone,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"organization_id" uuid,
	"check_category_uniqueness" boolean DEFAULT false NOT NULL
);
--> statement-breakpoint
CREATE TABLE "payment_methods" (
	"id" uuid PRIMARY KEY DEFAULT pg_catalog.gen_random_uuid() NOT NULL,
	"stripe_fingerprint" text,
	"user_id" text NOT NULL,
	"stripe_id" text NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp with time zone DEFAULT now() NOT NULL,
	"eligible_for_free_credits" boolean DEFAULT false NOT NULL,
	"deleted_at" timestamp with time zone,
	"stripe_data" jsonb,
	"type" text,
	"organization_id" uuid,
	CONSTRAINT "UQ_payment_methods_user_stripe" UNIQUE("user_id","stripe_id")
);
--> statement-breakpoint
CREATE TABLE "byok_api_keys" (
	"id" uuid PRIMARY KEY DEFAULT pg_catalog.gen_random_uuid() NOT NULL,
	"organization_id" uuid,
	"kilo_user_id" text,
	"provider_id" text NOT NULL,
	"encrypted_api_key" jsonb NOT NULL,
	"is_enabled" boolean DEFAULT true NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp with time zone DEFAULT now() NOT NULL,
	"created_by" text NOT NULL,
	CONSTRAINT "UQ_byok_api_keys_org_provider" UNIQUE("organization_id","provider_id"),
	CONSTRAINT "UQ_byok_api_keys_user_provider" UNIQUE("kilo_user_id","provider_id"),
	CONSTRAINT "byok_api_keys_owner_check" CHECK (("byok_api_keys"."kilo_user_id" is not null) <> ("byok_api_keys"."organization_id" is not null))
);
--> statement-breakpoint
CREATE TABLE "custom_llm" (
	"public_id" text PRIMARY KEY NOT NULL,
	"display_name" text NOT NULL,
	"context_length" integer NOT NULL,
	"max_completion_tokens" integer NOT NULL,
	"internal_id" text NOT NULL,
	"provider" text NOT NULL,
	"base_url" text NOT NULL,
	"api_key" text NOT NULL,
	"verbosity" text,
	"organization_ids" jsonb NOT NULL,
	"reasoning_effort" text,
	"included_tools" jsonb,
	"excluded_tools" jsonb,
	"supports_image_input" boolean,
	"force_reasoning" boolean,
	"opencode_settings" jsonb,
	"extra_body" jsonb,
	"interleaved_format" text
);
--> statement-breakpoint
CREATE TABLE "models_by_provider" (
	"id" serial PRIMARY KEY NOT NULL,
	"data" jsonb NOT NULL,
	"openrouter" jsonb,
	"vercel" jsonb
);
--> statement-breakpoint
CREATE TABLE "temp_phase" (
	"key" text PRIMARY KEY NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"value" text NOT NULL
);
--> statement-breakpoint
CREATE TABLE "kilo_pass_audit_log" (
	"id" uuid PRIMARY KEY DEFAULT pg_catalog.gen_random_uuid() NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"kilo_user_id" text,
	"kilo_pass_subscription_id" uuid,
	"action" text NOT NULL,
	"result" text NOT NULL,
	"idempotency_key" text,
	"stripe_event_id" text,
	"stripe_invoice_id" text,
	"stripe_subscription_id" text,
	"related_credit_transaction_id" uuid,
	"related_monthly_issuance_id" uuid,
	"payload_json" jsonb DEFAULT '{}'::jsonb NOT NULL,
	CONSTRAINT "kilo_pass_audit_log_action_check" CHECK ("kilo_pass_audit_log"."action" in ('stripe_webhook_received', 'kilo_pass_invoice_paid_handled', 'base_credits_issued', 'bonus_credits_issued', 'bonus_credits_skipped_idempotent', 'first_month_50pct_promo_issued', 'yearly_monthly_base_cron_started', 'yearly_monthly_base_cron_completed', 'issue_yearly_remaining_credits', 'yearly_monthly_bonus_cron_started', 'yearly_monthly_bonus_cron_completed')),
	CONSTRAINT "kilo_pass_audit_log_result_check" CHECK ("kilo_pass_audit_log"."result" in ('success', 'skipped_idempotent', 'failed'))
);
--> statement-breakpoint
CREATE TABLE "kilo_pass_issuance_items" (
	"id" uuid PRIMARY KEY DEFAULT pg_catalog.gen_random_uuid() NOT NULL,
	"kilo_pass_issuance_id" uuid NOT NULL,
	"kind" text NOT NULL,
	"credit_transaction_id" uuid NOT NULL,
	"amount_usd" numeric(12, 2) NOT NULL,
	"bonus_percent_applied" numeric(6, 4),
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "UQ_kilo_pass_issuance_items_transaction" UNIQUE("credit_transaction_id"),
	CONSTRAINT "UQ_kilo_pass_issuance_items_issuance_kind" UNIQUE("kilo_pass_issuance_id","kind"),
	CONSTRAINT "kilo_pass_issuance_items_kind_check" CHECK ("kilo_pass_issuance_items"."kind" in ('base', 'bonus', 'promo_first_month_50pct')),
	CONSTRAINT "kilo_pass_issuance_items_amount_check" CHECK ("kilo_pass_issuance_items"."amount_usd" >= 0),
	CONSTRAINT "kilo_pass_issuance_items_percent_check" CHECK ("kilo_pass_issuance_items"."bonus_percent_applied" is null or "kilo_pass_issuance_items"."bonus_percent_applied" between 0 and 1)
);
--> statement-breakpoint
CREATE TABLE "kilo_pass_issuances" (
	"id" uuid PRIMARY KEY DEFAULT pg_catalog.gen_random_uuid() NOT NULL,
	"kilo_pass_subscription_id" uuid NOT NULL,
	"issue_month" date NOT NULL,
	"source" text NOT NULL,
	"stripe_invoice_id" text,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "UQ_kilo_pass_issuances_subscription_month" UNIQUE("kilo_pass_subscription_id","issue_month"),
	CONSTRAINT "kilo_pass_issuances_month_check" CHECK (extract(day from "kilo_pass_issuances"."issue_month") = 1),
	CONSTRAINT "kilo_pass_issuances_source_check" CHECK ("kilo_pass_issuances"."source" in ('stripe_invoice', 'cron'))
);
--> statement-breakpoint
CREATE TABLE "kilo_pass_subscriptions" (
	"id" uuid PRIMARY KEY DEFAULT pg_catalog.gen_random_uuid() NOT NULL,
	"kilo_user_id" text NOT NULL,
	"stripe_subscription_id" text NOT NULL,
	"tier" text NOT NULL,
	"cadence" text NOT NULL,
	"status" text NOT NULL,
	"cancel_at_period_end" boolean DEFAULT false NOT NULL,
	"started_at" timestamp with time zone,
	"ended_at" timestamp with time zone,
	"current_streak_months" integer DEFAULT 0 NOT NULL,
	"next_yearly_issue_at" timestamp with time zone,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "UQ_kilo_pass_subscriptions_stripe" UNIQUE("stripe_subscription_id"),
	CONSTRAINT "kilo_pass_subscriptions_tier_check" CHECK ("kilo_pass_subscriptions"."tier" in ('tier_19', 'tier_49', 'tier_199')),
	CONSTRAINT "kilo_pass_subscriptions_cadence_check" CHECK ("kilo_pass_subscriptions"."cadence" in ('monthly', 'yearly')),
	CONSTRAINT "kilo_pass_subscriptions_streak_check" CHECK ("kilo_pass_subscriptions"."current_streak_months" >= 0)
);
--> statement-breakpoint
CREATE TABLE "auto_model" (
	"auto_model_id" serial PRIMARY KEY NOT NULL,
	"auto_model" text NOT NULL
);
--> statement-breakpoint
CREATE TABLE "editor_name" (
	"editor_name_id" serial PRIMARY KEY NOT NULL,
	"editor_name" text NOT NULL
);
--> statement-breakpoint
CREATE TABLE "feature" (
	"feature_id" serial PRIMARY KEY NOT NULL,
	"feature" text NOT NULL
);
--> statement-breakpoint
CREATE TABLE "finish_reason" (
	"finish_reason_id" serial PRIMARY KEY NOT NULL,
	"finish_reason" text NOT NULL
);
--> statement-breakpoint
CREATE TABLE "http_ip" (
	"http_ip_id" serial PRIMARY KEY NOT NULL,
	"http_ip" text NOT NULL
);
--> statement-breakpoint
CREATE TABLE "http_user_agent" (
	"http_user_agent_id" serial PRIMARY KEY NOT NULL,
	"http_user_agent" text NOT NULL
);
--> statement-breakpoint
CREATE TABLE "ja4_digest" (
	"ja4_digest_id" serial PRIMARY KEY NOT NULL,
	"ja4_digest" text NOT NULL
);
--> statement-breakpoint
CREATE TABLE "mode" (
	"mode_id" serial PRIMARY KEY NOT NULL,
	"mode" text NOT NULL
);
--> statement-breakpoint
CREATE TABLE "system_prompt_prefix" (
	"system_prompt_prefix_id" serial PRIMARY KEY NOT NULL,
	"system_prompt_prefix" text NOT NULL
);
--> statement-breakpoint
CREATE TABLE "vercel_ip_city" (
	"vercel_ip_city_id" serial PRIMARY KEY NOT NULL,
	"vercel_ip_city" text NOT NULL
);
--> statement-breakpoint
CREATE TABLE "vercel_ip_country" (
	"vercel_ip_country_id" serial PRIMARY KEY NOT NULL,
	"vercel_ip_country" text NOT NULL
);
--> statement-breakpoint
CREATE TABLE "organization_memberships" (
	"id" uuid PRIMARY KEY DEFAULT pg_catalog.gen_random_uuid() NOT NULL,
	"organization_id" uuid NOT NULL,
	"kilo_user_id" text NOT NULL,
	"role" text NOT NULL,
	"joined_at" timestamp with time zone DEFAULT now() NOT NULL,
	"invited_by" text,
	"updated_at" timestamp with time zone DEFAULT now() NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "UQ_organization_memberships_org_user" UNIQUE("organization_id","kilo_user_id")
);
--> statement-breakpoint
CREATE TABLE "organization_user_limits" (
	"id" uuid PRIMARY KEY DEFAULT pg_catalog.gen_random_uuid() NOT NULL,
	"organization_id" uuid NOT NULL,
	"kilo_user_id" text NOT NULL,
	"limit_type" text NOT NULL,
	"microdollar_limit" bigint NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "UQ_organization_user_limits_org_user" UNIQUE("organization_id","kilo_user_id","limit_type")
);
--> statement-breakpoint
CREATE TABLE "organization_user_usage" (
	"id" uuid PRIMARY KEY DEFAULT pg_catalog.gen_random_uuid() NOT NULL,
	"organization_id" uuid NOT NULL,
	"kilo_user_id" text NOT NULL,
	"usage_date" date NOT NULL,
	"limit_type" text NOT NULL,
	"microdollar_usage" bigint DEFAULT 0 NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "UQ_organization_user_daily_usage_org_user_date" UNIQUE("organization_id","kilo_user_id","limit_type","usage_date")
);
--> statement-breakpoint
CREATE TABLE "organizations" (
	"id" uuid PRIMARY KEY DEFAULT pg_catalog.gen_random_uuid() NOT NULL,
	"name" text NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp with time zone DEFAULT now() NOT NULL,
	"microdollars_used" bigint DEFAULT 0 NOT NULL,
	"microdollars_balance" bigint DEFAULT 0 NOT NULL,
	"total_microdollars_acquired" bigint DEFAULT 0 NOT NULL,
	"next_credit_expiration_at" timestamp with time zone,
	"stripe_customer_id" text,
	"auto_top_up_enabled" boolean DEFAULT false NOT NULL,
	"settings" jsonb DEFAULT '{}'::jsonb NOT NULL,
	"seat_count" integer DEFAULT 0 NOT NULL,
	"require_seats" boolean DEFAULT false NOT NULL,
	"created_by_kilo_user_id" text,
	"deleted_at" timestamp with time zone,
	"sso_domain" text,
	"plan" text DEFAULT 'teams' NOT NULL,
	"free_trial_end_at" timestamp with time zone,
	"company_domain" text,
	CONSTRAINT "organizations_name_not_empty_check" CHECK (length(trim("organizations"."name")) > 0)
);
--> statement-breakpoint
CREATE TABLE "cli_sessions_v2" (
	"session_id" text NOT NULL,
	"kilo_user_id" text NOT NULL,
	"version" integer DEFAULT 0 NOT NULL,
	"title" text,
	"public_id" uuid,
	"parent_session_id" text,
	"organization_id" uuid,
	"cloud_agent_session_id" text,
	"created_on_platform" text DEFAULT 'unknown' NOT NULL,
	"git_url" text,
	"git_branch" text,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "cli_sessions_v2_session_id_kilo_user_id_pk" PRIMARY KEY("session_id","kilo_user_id")
);
--> statement-breakpoint
CREATE TABLE "api_request_log" (
	"id" bigserial PRIMARY KEY NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"kilo_user_id" text,
	"organization_id" text,
	"provider" text,
	"model" text,
	"status_code" integer,
	"request" jsonb,
	"response" text
);
--> statement-breakpoint
CREATE TABLE "free_model_usage" (
	"id" uuid PRIMARY KEY DEFAULT pg_catalog.gen_random_uuid() NOT NULL,
	"ip_address" text NOT NULL,
	"model" text NOT NULL,
	"kilo_user_id" text,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
CREATE TABLE "microdollar_usage" (
	"id" uuid PRIMARY KEY DEFAULT pg_catalog.gen_random_uuid() NOT NULL,
	"kilo_user_id" text NOT NULL,
	"cost" bigint NOT NULL,
	"input_tokens" bigint NOT NULL,
	"output_tokens" bigint NOT NULL,
	"cache_write_tokens" bigint NOT NULL,
	"cache_hit_tokens" bigint NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"provider" text,
	"model" text,
	"requested_model" text,
	"cache_discount" bigint,
	"has_error" boolean DEFAULT false NOT NULL,
	"abuse_classification" smallint DEFAULT 0 NOT NULL,
	"organization_id" uuid,
	"inference_provider" text,
	"project_id" text
);
--> statement-breakpoint
CREATE TABLE "microdollar_usage_metadata" (
	"id" uuid PRIMARY KEY NOT NULL,
	"created_at" timestamp with time zone,
	"message_id" text NOT NULL,
	"http_user_agent_id" integer,
	"http_ip_id" integer,
	"vercel_ip_city_id" integer,
	"vercel_ip_country_id" integer,
	"vercel_ip_latitude" real,
	"vercel_ip_longitude" real,
	"ja4_digest_id" integer,
	"user_prompt_prefix" text,
	"system_prompt_prefix_id" integer,
	"system_prompt_length" integer,
	"max_tokens" bigint,
	"has_middle_out_transform" boolean,
	"status_code" smallint,
	"upstream_id" text,
	"finish_reason_id" integer,
	"latency" real,
	"moderation_latency" real,
	"generation_time" real,
	"is_byok" boolean,
	"is_user_byok" boolean,
	"streamed" boolean,
	"cancelled" boolean,
	"editor_name_id" integer,
	"has_tools" boolean,
	"machine_id" text,
	"feature_id" integer,
	"session_id" text,
	"mode_id" integer,
	"auto_model_id" integer,
	"market_cost" bigint
);
--> statement-breakpoint
CREATE TABLE "kilocode_users" (
	"id" text PRIMARY KEY NOT NULL,
	"google_user_email" text NOT NULL,
	"google_user_name" text NOT NULL,
	"google_user_image_url" text NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp with time zone DEFAULT now() NOT NULL,
	"hosted_domain" text,
	"microdollars_used" bigint DEFAULT 0 NOT NULL,
	"kilo_pass_threshold" bigint,
	"stripe_customer_id" text NOT NULL,
	"is_admin" boolean DEFAULT false NOT NULL,
	"total_microdollars_acquired" bigint DEFAULT 0 NOT NULL,
	"next_credit_expiration_at" timestamp with time zone,
	"has_validation_stytch" boolean,
	"has_validation_novel_card_with_hold" boolean DEFAULT false NOT NULL,
	"blocked_reason" text,
	"api_token_pepper" text,
	"auto_top_up_enabled" boolean DEFAULT false NOT NULL,
	"is_bot" boolean DEFAULT false NOT NULL,
	"default_model" text,
	"cohorts" jsonb DEFAULT '{}'::jsonb NOT NULL,
	"completed_welcome_form" boolean DEFAULT false NOT NULL,
	"linkedin_url" text,
	"github_url" text,
	"openrouter_upstream_safety_identifier" text,
	CONSTRAINT "UQ_b1afacbcf43f2c7c4cb9f7e7faa" UNIQUE("google_user_email"),
	CONSTRAINT "blocked_reason_not_empty" CHECK (length("kilocode_users"."blocked_reason") > 0)
);
--> statement-breakpoint
ALTER TABLE "auto_top_up_configs" ADD CONSTRAINT "auto_top_up_configs_owned_by_user_id_kilocode_users_id_fk" FOREIGN KEY ("owned_by_user_id") REFERENCES "public"."kilocode_users"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "auto_top_up_configs" ADD CONSTRAINT "auto_top_up_configs_owned_by_organization_id_organizations_id_fk" FOREIGN KEY ("owned_by_organization_id") REFERENCES "public"."organizations"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "byok_api_keys" ADD CONSTRAINT "byok_api_keys_organization_id_organizations_id_fk" FOREIGN KEY ("organization_id") REFERENCES "public"."organizations"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "byok_api_keys" ADD CONSTRAINT "byok_api_keys_kilo_user_id_kilocode_users_id_fk" FOREIGN KEY ("kilo_user_id") REFERENCES "public"."kilocode_users"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "kilo_pass_audit_log" ADD CONSTRAINT "kilo_pass_audit_log_kilo_user_id_kilocode_users_id_fk" FOREIGN KEY ("kilo_user_id") REFERENCES "public"."kilocode_users"("id") ON DELETE set null ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "kilo_pass_audit_log" ADD CONSTRAINT "kilo_pass_audit_log_kilo_pass_subscription_id_kilo_pass_subscriptions_id_fk" FOREIGN KEY ("kilo_pass_subscription_id") REFERENCES "public"."kilo_pass_subscriptions"("id") ON DELETE set null ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "kilo_pass_audit_log" ADD CONSTRAINT "kilo_pass_audit_log_related_credit_transaction_id_credit_transactions_id_fk" FOREIGN KEY ("related_credit_transaction_id") REFERENCES "public"."credit_transactions"("id") ON DELETE set null ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "kilo_pass_audit_log" ADD CONSTRAINT "kilo_pass_audit_log_related_monthly_issuance_id_kilo_pass_issuances_id_fk" FOREIGN KEY ("related_monthly_issuance_id") REFERENCES "public"."kilo_pass_issuances"("id") ON DELETE set null ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "kilo_pass_issuance_items" ADD CONSTRAINT "kilo_pass_issuance_items_kilo_pass_issuance_id_kilo_pass_issuances_id_fk" FOREIGN KEY ("kilo_pass_issuance_id") REFERENCES "public"."kilo_pass_issuances"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "kilo_pass_issuance_items" ADD CONSTRAINT "kilo_pass_issuance_items_credit_transaction_id_credit_transactions_id_fk" FOREIGN KEY ("credit_transaction_id") REFERENCES "public"."credit_transactions"("id") ON DELETE restrict ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "kilo_pass_issuances" ADD CONSTRAINT "kilo_pass_issuances_kilo_pass_subscription_id_kilo_pass_subscriptions_id_fk" FOREIGN KEY ("kilo_pass_subscription_id") REFERENCES "public"."kilo_pass_subscriptions"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "kilo_pass_subscriptions" ADD CONSTRAINT "kilo_pass_subscriptions_kilo_user_id_kilocode_users_id_fk" FOREIGN KEY ("kilo_user_id") REFERENCES "public"."kilocode_users"("id") ON DELETE cascade ON UPDATE cascade;--> statement-breakpoint
ALTER TABLE "cli_sessions_v2" ADD CONSTRAINT "cli_sessions_v2_kilo_user_id_kilocode_users_id_fk" FOREIGN KEY ("kilo_user_id") REFERENCES "public"."kilocode_users"("id") ON DELETE restrict ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "cli_sessions_v2" ADD CONSTRAINT "cli_sessions_v2_organization_id_organizations_id_fk" FOREIGN KEY ("organization_id") REFERENCES "public"."organizations"("id") ON DELETE set null ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "cli_sessions_v2" ADD CONSTRAINT "cli_sessions_v2_parent_fk" FOREIGN KEY ("parent_session_id","kilo_user_id") REFERENCES "public"."cli_sessions_v2"("session_id","kilo_user_id") ON DELETE restrict ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "microdollar_usage_metadata" ADD CONSTRAINT "microdollar_usage_metadata_http_user_agent_id_http_user_agent_http_user_agent_id_fk" FOREIGN KEY ("http_user_agent_id") REFERENCES "public"."http_user_agent"("http_user_agent_id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "microdollar_usage_metadata" ADD CONSTRAINT "microdollar_usage_metadata_http_ip_id_http_ip_http_ip_id_fk" FOREIGN KEY ("http_ip_id") REFERENCES "public"."http_ip"("http_ip_id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "microdollar_usage_metadata" ADD CONSTRAINT "microdollar_usage_metadata_vercel_ip_city_id_vercel_ip_city_vercel_ip_city_id_fk" FOREIGN KEY ("vercel_ip_city_id") REFERENCES "public"."vercel_ip_city"("vercel_ip_city_id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "microdollar_usage_metadata" ADD CONSTRAINT "microdollar_usage_metadata_vercel_ip_country_id_vercel_ip_country_vercel_ip_country_id_fk" FOREIGN KEY ("vercel_ip_country_id") REFERENCES "public"."vercel_ip_country"("vercel_ip_country_id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "microdollar_usage_metadata" ADD CONSTRAINT "microdollar_usage_metadata_ja4_digest_id_ja4_digest_ja4_digest_id_fk" FOREIGN KEY ("ja4_digest_id") REFERENCES "public"."ja4_digest"("ja4_digest_id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "microdollar_usage_metadata" ADD CONSTRAINT "microdollar_usage_metadata_system_prompt_prefix_id_system_prompt_prefix_system_prompt_prefix_id_fk" FOREIGN KEY ("system_prompt_prefix_id") REFERENCES "public"."system_prompt_prefix"("system_prompt_prefix_id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE UNIQUE INDEX "UQ_auto_top_up_configs_user" ON "auto_top_up_configs" USING btree ("owned_by_user_id") WHERE "auto_top_up_configs"."owned_by_user_id" is not null;--> statement-breakpoint
CREATE UNIQUE INDEX "UQ_auto_top_up_configs_organization" ON "auto_top_up_configs" USING btree ("owned_by_organization_id") WHERE "auto_top_up_configs"."owned_by_organization_id" is not null;--> statement-breakpoint
CREATE INDEX "IDX_credit_transactions_created_at" ON "credit_transactions" USING btree ("created_at");--> statement-breakpoint
CREATE INDEX "IDX_credit_transactions_is_free" ON "credit_transactions" USING btree ("is_free");--> statement-breakpoint
CREATE INDEX "IDX_credit_transactions_kilo_user_id" ON "credit_transactions" USING btree ("kilo_user_id");--> statement-breakpoint
CREATE INDEX "IDX_credit_transactions_credit_category" ON "credit_transactions" USING btree ("credit_category");--> statement-breakpoint
CREATE INDEX "IDX_credit_transactions_organization_id" ON "credit_transactions" USING btree ("organization_id");--> statement-breakpoint
CREATE UNIQUE INDEX "UQ_credit_transactions_stripe_payment_id" ON "credit_transactions" USING btree ("stripe_payment_id");--> statement-breakpoint
CREATE UNIQUE INDEX "UQ_credit_transactions_original_transaction_id" ON "credit_transactions" USING btree ("original_transaction_id");--> statement-breakpoint
CREATE UNIQUE INDEX "UQ_credit_transactions_coinbase_credit_block_id" ON "credit_transactions" USING btree ("coinbase_credit_block_id");--> statement-breakpoint
CREATE UNIQUE INDEX "UQ_credit_transactions_category_once" ON "credit_transactions" USING btree ("kilo_user_id","credit_category") WHERE "credit_transactions"."check_category_uniqueness";--> statement-breakpoint
CREATE INDEX "IDX_byok_api_keys_organization_id" ON "byok_api_keys" USING btree ("organization_id");--> statement-breakpoint
CREATE INDEX "IDX_byok_api_keys_kilo_user_id" ON "byok_api_keys" USING btree ("kilo_user_id");--> statement-breakpoint
CREATE INDEX "IDX_byok_api_keys_provider_id" ON "byok_api_keys" USING btree ("provider_id");--> statement-breakpoint
CREATE INDEX "IDX_temp_phase_created_at" ON "temp_phase" USING btree ("created_at");--> statement-breakpoint
CREATE INDEX "IDX_kilo_pass_audit_log_created_at" ON "kilo_pass_audit_log" USING btree ("created_at");--> statement-breakpoint
CREATE INDEX "IDX_kilo_pass_audit_log_kilo_user_id" ON "kilo_pass_audit_log" USING btree ("kilo_user_id");--> statement-breakpoint
CREATE INDEX "IDX_kilo_pass_audit_log_subscription_id" ON "kilo_pass_audit_log" USING btree ("kilo_pass_subscription_id");--> statement-breakpoint
CREATE INDEX "IDX_kilo_pass_audit_log_action" ON "kilo_pass_audit_log" USING btree ("action");--> statement-breakpoint
CREATE INDEX "IDX_kilo_pass_audit_log_result" ON "kilo_pass_audit_log" USING btree ("result");--> statement-breakpoint
CREATE INDEX "IDX_kilo_pass_audit_log_idempotency_key" ON "kilo_pass_audit_log" USING btree ("idempotency_key");--> statement-breakpoint
CREATE INDEX "IDX_kilo_pass_audit_log_stripe_event_id" ON "kilo_pass_audit_log" USING btree ("stripe_event_id");--> statement-breakpoint
CREATE INDEX "IDX_kilo_pass_audit_log_stripe_invoice_id" ON "kilo_pass_audit_log" USING btree ("stripe_invoice_id");--> statement-breakpoint
CREATE INDEX "IDX_kilo_pass_audit_log_stripe_subscription_id" ON "kilo_pass_audit_log" USING btree ("stripe_subscription_id");--> statement-breakpoint
CREATE INDEX "IDX_kilo_pass_audit_log_credit_transaction_id" ON "kilo_pass_audit_log" USING btree ("related_credit_transaction_id");--> statement-breakpoint
CREATE INDEX "IDX_kilo_pass_audit_log_issuance_id" ON "kilo_pass_audit_log" USING btree ("related_monthly_issuance_id");--> statement-breakpoint
CREATE UNIQUE INDEX "UQ_kilo_pass_issuances_stripe_invoice_id" ON "kilo_pass_issuances" USING btree ("stripe_invoice_id") WHERE "kilo_pass_issuances"."stripe_invoice_id" is not null;--> statement-breakpoint
CREATE INDEX "IDX_kilo_pass_issuances_subscription_id" ON "kilo_pass_issuances" USING btree ("kilo_pass_subscription_id");--> statement-breakpoint
CREATE INDEX "IDX_kilo_pass_issuances_issue_month" ON "kilo_pass_issuances" USING btree ("issue_month");--> statement-breakpoint
CREATE INDEX "IDX_kilo_pass_subscriptions_kilo_user_id" ON "kilo_pass_subscriptions" USING btree ("kilo_user_id");--> statement-breakpoint
CREATE INDEX "IDX_kilo_pass_subscriptions_status" ON "kilo_pass_subscriptions" USING btree ("status");--> statement-breakpoint
CREATE INDEX "IDX_kilo_pass_subscriptions_cadence" ON "kilo_pass_subscriptions" USING btree ("cadence");--> statement-breakpoint
CREATE UNIQUE INDEX "UQ_auto_model" ON "auto_model" USING btree ("auto_model");--> statement-breakpoint
CREATE UNIQUE INDEX "UQ_editor_name" ON "editor_name" USING btree ("editor_name");--> statement-breakpoint
CREATE UNIQUE INDEX "UQ_feature" ON "feature" USING btree ("feature");--> statement-breakpoint
CREATE UNIQUE INDEX "UQ_finish_reason" ON "finish_reason" USING btree ("finish_reason");--> statement-breakpoint
CREATE UNIQUE INDEX "UQ_http_ip" ON "http_ip" USING btree ("http_ip");--> statement-breakpoint
CREATE UNIQUE INDEX "UQ_http_user_agent" ON "http_user_agent" USING btree ("http_user_agent");--> statement-breakpoint
CREATE UNIQUE INDEX "UQ_ja4_digest" ON "ja4_digest" USING btree ("ja4_digest");--> statement-breakpoint
CREATE UNIQUE INDEX "UQ_mode" ON "mode" USING btree ("mode");--> statement-breakpoint
CREATE UNIQUE INDEX "UQ_system_prompt_prefix" ON "system_prompt_prefix" USING btree ("system_prompt_prefix");--> statement-breakpoint
CREATE UNIQUE INDEX "UQ_vercel_ip_city" ON "vercel_ip_city" USING btree ("vercel_ip_city");--> statement-breakpoint
CREATE UNIQUE INDEX "UQ_vercel_ip_country" ON "vercel_ip_country" USING btree ("vercel_ip_country");--> statement-breakpoint
CREATE INDEX "IDX_organization_memberships_org_id" ON "organization_memberships" USING btree ("organization_id");--> statement-breakpoint
CREATE INDEX "IDX_organization_memberships_user_id" ON "organization_memberships" USING btree ("kilo_user_id");--> statement-breakpoint
CREATE INDEX "IDX_organization_user_limits_org_id" ON "organization_user_limits" USING btree ("organization_id");--> statement-breakpoint
CREATE INDEX "IDX_organization_user_limits_user_id" ON "organization_user_limits" USING btree ("kilo_user_id");--> statement-breakpoint
CREATE INDEX "IDX_organization_user_daily_usage_org_id" ON "organization_user_usage" USING btree ("organization_id");--> statement-breakpoint
CREATE INDEX "IDX_organization_user_daily_usage_user_id" ON "organization_user_usage" USING btree ("kilo_user_id");--> statement-breakpoint
CREATE INDEX "IDX_organizations_sso_domain" ON "organizations" USING btree ("sso_domain");--> statement-breakpoint
CREATE UNIQUE INDEX "UQ_cli_sessions_v2_public_id" ON "cli_sessions_v2" USING btree ("public_id") WHERE "cli_sessions_v2"."public_id" is not null;--> statement-breakpoint
CREATE UNIQUE INDEX "UQ_cli_sessions_v2_cloud_agent_session_id" ON "cli_sessions_v2" USING btree ("cloud_agent_session_id") WHERE "cli_sessions_v2"."cloud_agent_session_id" is not null;--> statement-breakpoint
CREATE INDEX "idx_api_request_log_created_at" ON "api_request_log" USING btree ("created_at");--> statement-breakpoint
CREATE INDEX "idx_free_model_usage_ip_created_at" ON "free_model_usage" USING btree ("ip_address","created_at");--> statement-breakpoint
CREATE INDEX "idx_free_model_usage_created_at" ON "free_model_usage" USING btree ("created_at");--> statement-breakpoint
CREATE INDEX "idx_created_at" ON "microdollar_usage" USING btree ("created_at");--> statement-breakpoint
CREATE INDEX "idx_abuse_classification" ON "microdollar_usage" USING btree ("abuse_classification");--> statement-breakpoint
CREATE INDEX "idx_kilo_user_id_created_at2" ON "microdollar_usage" USING btree ("kilo_user_id","created_at");--> statement-breakpoint
CREATE INDEX "idx_microdollar_usage_organization_id" ON "microdollar_usage" USING btree ("organization_id") WHERE "microdollar_usage"."organization_id" is not null;--> statement-breakpoint
CREATE INDEX "idx_microdollar_usage_metadata_created_at" ON "microdollar_usage_metadata" USING btree ("created_at");--> statement-breakpoint
CREATE UNIQUE INDEX "UQ_kilocode_users_openrouter_upstream_safety_identifier" ON "kilocode_users" USING btree ("openrouter_upstream_safety_identifier") WHERE "kilocode_users"."openrouter_upstream_safety_identifier" is not null;--> statement-breakpoint
CREATE VIEW "public"."microdollar_usage_view" AS (select "microdollar_usage"."id", "microdollar_usage"."kilo_user_id", "microdollar_usage"."cost", "microdollar_usage"."input_tokens", "microdollar_usage"."output_tokens", "microdollar_usage"."cache_write_tokens", "microdollar_usage"."cache_hit_tokens", "microdollar_usage"."created_at", "microdollar_usage"."provider", "microdollar_usage"."model", "microdollar_usage"."requested_model", "microdollar_usage"."cache_discount", "microdollar_usage"."has_error", "microdollar_usage"."abuse_classification", "microdollar_usage"."organization_id", "microdollar_usage"."inference_provider", "microdollar_usage"."project_id", "microdollar_usage_metadata"."message_id", "http_ip"."http_ip" as "http_x_forwarded_for", "vercel_ip_city"."vercel_ip_city" as "http_x_vercel_ip_city", "vercel_ip_country"."vercel_ip_country" as "http_x_vercel_ip_country", "microdollar_usage_metadata"."vercel_ip_latitude" as "http_x_vercel_ip_latitude", "microdollar_usage_metadata"."vercel_ip_longitude" as "http_x_vercel_ip_longitude", "ja4_digest"."ja4_digest" as "http_x_vercel_ja4_digest", "microdollar_usage_metadata"."user_prompt_prefix", "system_prompt_prefix"."system_prompt_prefix", "microdollar_usage_metadata"."system_prompt_length", "http_user_agent"."http_user_agent", "microdollar_usage_metadata"."max_tokens", "microdollar_usage_metadata"."has_middle_out_transform", "microdollar_usage_metadata"."status_code", "microdollar_usage_metadata"."upstream_id", "finish_reason"."finish_reason", "microdollar_usage_metadata"."latency", "microdollar_usage_metadata"."moderation_latency", "microdollar_usage_metadata"."generation_time", "microdollar_usage_metadata"."is_byok", "microdollar_usage_metadata"."is_user_byok", "microdollar_usage_metadata"."streamed", "microdollar_usage_metadata"."cancelled", "editor_name"."editor_name", "microdollar_usage_metadata"."has_tools", "microdollar_usage_metadata"."machine_id", "feature"."feature", "microdollar_usage_metadata"."session_id", "mode"."mode", "auto_model"."auto_model", "microdollar_usage_metadata"."market_cost" from "microdollar_usage" left join "microdollar_usage_metadata" on "microdollar_usage_metadata"."id" = "microdollar_usage"."id" left join "http_ip" on "http_ip"."http_ip_id" = "microdollar_usage_metadata"."http_ip_id" left join "vercel_ip_city" on "vercel_ip_city"."vercel_ip_city_id" = "microdollar_usage_metadata"."vercel_ip_city_id" left join "vercel_ip_country" on "vercel_ip_country"."vercel_ip_country_id" = "microdollar_usage_metadata"."vercel_ip_country_id" left join "ja4_digest" on "ja4_digest"."ja4_digest_id" = "microdollar_usage_metadata"."ja4_digest_id" left join "system_prompt_prefix" on "system_prompt_prefix"."system_prompt_prefix_id" = "microdollar_usage_metadata"."system_prompt_prefix_id" left join "http_user_agent" on "http_user_agent"."http_user_agent_id" = "microdollar_usage_metadata"."http_user_agent_id" left join "finish_reason" on "finish_reason"."finish_reason_id" = "microdollar_usage_metadata"."finish_reason_id" left join "editor_name" on "editor_name"."editor_name_id" = "microdollar_usage_metadata"."editor_name_id" left join "feature" on "feature"."feature_id" = "microdollar_usage_metadata"."feature_id" left join "mode" on "mode"."mode_id" = "microdollar_usage_metadata"."mode_id" left join "auto_model" on "auto_model"."auto_model_id" = "microdollar_usage_metadata"."auto_model_id");