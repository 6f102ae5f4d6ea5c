-- By which a rebuilding adds up what was counted for an organization.
ALTER TABLE referral_counted ADD KEY ix_referral_counted__organization (organization_id, day)
