CREATE TABLE "gateway"."lookup_additions" (
	"caller" text PRIMARY KEY NOT NULL,
	"since" timestamp with time zone NOT NULL,
	"added" integer NOT NULL
);
--> statement-breakpoint
CREATE INDEX "lookup_additions_since" ON "gateway"."lookup_additions" USING btree ("since");