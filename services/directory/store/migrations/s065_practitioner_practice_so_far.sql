-- Practices of practitioners who were added before there was a record of them.
INSERT INTO practitioner_practice (practice_id, practitioner_id, organization_id, department_id, kind, started_at, ended_at)
SELECT practitioner_id, practitioner_id, organization_id, department_id, 'MAIN', created_at, NULL FROM practitioner
