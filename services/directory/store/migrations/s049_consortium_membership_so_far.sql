-- Memberships of before there was a record of them.
INSERT INTO consortium_membership (organization_id, started_at, lead_id, ended_at)
SELECT organization_id, created_at, consortium_id, NULL FROM organization WHERE consortium_id IS NOT NULL
