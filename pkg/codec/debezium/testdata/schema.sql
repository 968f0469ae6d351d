-- The tables, and the rows that the snapshot reads.
CREATE TABLE events (
  id bigint PRIMARY KEY, project_id bigint, group_id bigint, author_id bigint, target_id bigint, target_type text,
  action smallint, created_at timestamptz, updated_at timestamptz
);
CREATE TYPE mood AS ENUM ('sad', 'o"k');
CREATE DOMAIN posint AS integer CHECK (VALUE > 0);
CREATE TYPE pair AS (a integer, b text);
CREATE TABLE kinds (
  id integer PRIMARY KEY,
  "bool" boolean, "int2" smallint, "int4" integer NOT NULL DEFAULT 7, "int8" bigint, "oid" oid,
  "float4" real, "float8" double precision,
  "numeric" numeric, "numeric10_2" numeric(10,2), "numeric30" numeric(30), "numeric5_0" numeric(5,0), "money" money,
  "text" text, "varchar" varchar(10), "char" char(5), "name" name, "onechar" "char",
  "bytea" bytea, "uuid" uuid, "json" json, "jsonb" jsonb, "xml" xml,
  "date" date, "time" time, "time3" time(3), "timetz" timetz,
  "timestamp" timestamp, "timestamp3" timestamp(3), "timestamp0" timestamp(0), "timestamptz" timestamptz, "timestamptz3" timestamptz(3),
  "interval" interval, "inet" inet, "cidr" cidr, "macaddr" macaddr,
  "bit1" bit(1), "bit8" bit(8), "varbit" varbit(10),
  "int4s" integer[], "texts" text[], "dates" date[], "numerics" numeric(6,2)[],
  "mood" mood, "posint" posint, "pair" pair, "int4range" int4range, "tstzrange" tstzrange, "point" point,
  "tsvector" tsvector, "pg_lsn" pg_lsn
);
CREATE TABLE composite (a integer, b text, note text, PRIMARY KEY (b, a));
CREATE TABLE keyless (a integer, note text);
CREATE TABLE "full" (id integer PRIMARY KEY, n integer, big text);
ALTER TABLE "full" REPLICA IDENTITY FULL;
CREATE TABLE fullkeyless (a integer, b text);
ALTER TABLE fullkeyless REPLICA IDENTITY FULL;
CREATE TABLE indexed (id integer PRIMARY KEY, code text NOT NULL);
CREATE UNIQUE INDEX code ON indexed (code);
ALTER TABLE indexed REPLICA IDENTITY USING INDEX code;
CREATE TABLE toast (id integer PRIMARY KEY, n integer, big text, bytes bytea);
ALTER TABLE toast ALTER big SET STORAGE EXTERNAL, ALTER bytes SET STORAGE EXTERNAL;
CREATE TABLE uuids (id uuid PRIMARY KEY, at timestamptz);
INSERT INTO composite VALUES (1, 'x', NULL), (2, 'x', 'second'), (1, 'y', 'third');
INSERT INTO keyless VALUES (1, 'one');
