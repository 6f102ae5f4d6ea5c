-- Sensitive classes by any version, one bit each (1 << class): what a care relationship alone does not open.
ALTER TABLE report ADD COLUMN sensitivity INT UNSIGNED NOT NULL DEFAULT 0
