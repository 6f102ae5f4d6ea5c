-- Of the down-referrals that were in care when the column came. Task states: 1 open, 3 overdue.
UPDATE follow_up_task t JOIN referral r ON r.referral_id = t.referral_id
SET t.owed_by_organization_id = r.receiving_organization_id
WHERE r.state = 'ACCEPTED' AND r.direction = 2 AND t.state IN (1, 3)
