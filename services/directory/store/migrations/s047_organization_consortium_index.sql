-- Who is in a consortium: for finding receivers.
ALTER TABLE organization ADD KEY ix_organization__consortium (consortium_id, organization_id)
