CREATE TABLE "gateway"."heartbeats" (
	"name" text PRIMARY KEY NOT NULL,
	"beat" bigint NOT NULL
);
