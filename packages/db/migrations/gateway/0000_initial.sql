CREATE TABLE "gateway"."attempts" (
	"usage_id" uuid NOT NULL,
	"n" smallint NOT NULL,
	"provider" text NOT NULL,
	"status" smallint,
	"ending" text NOT NULL,
	"first_byte_ms" integer,
	"generation_id" text,
	"upstream_cost" bigint,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "attempts_usage_id_n_pk" PRIMARY KEY("usage_id","n")
);
--> statement-breakpoint
CREATE INDEX "attempts_recent" ON "gateway"."attempts" USING btree ("created_at","provider") WHERE "gateway"."attempts"."ending" <> 'client-left';