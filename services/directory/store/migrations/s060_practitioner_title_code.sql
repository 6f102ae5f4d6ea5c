-- The professional title held now: a code of GB/T 8561; 0: none. practitioner.title is what stands under the name.
ALTER TABLE practitioner ADD COLUMN title_code SMALLINT NOT NULL DEFAULT 0
