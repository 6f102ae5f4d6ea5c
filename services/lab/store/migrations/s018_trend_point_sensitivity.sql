-- Of its report: a point is hidden with all that stands in the report.
ALTER TABLE trend_point ADD COLUMN sensitivity INT UNSIGNED NOT NULL DEFAULT 0
