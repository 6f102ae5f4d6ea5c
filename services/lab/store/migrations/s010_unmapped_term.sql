-- Which reports wait for a mapping of which term.
CREATE TABLE unmapped_term (
  term_id BINARY(16) NOT NULL,
  organization_id BINARY(16) NOT NULL,
  report_id BINARY(16) NOT NULL,
  PRIMARY KEY (term_id, organization_id, report_id)
) DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin
