-- Records of people that were merged into others, as told by the directory's events: nothing is written for them any more.
-- One step a row; a survivor that was merged itself has a row of its own.
CREATE TABLE merged_subject (
  data_subject_id BINARY(16) NOT NULL,
  survivor_id BINARY(16) NOT NULL,
  merge_id BINARY(16) NOT NULL,
  PRIMARY KEY (data_subject_id)
) ENGINE = InnoDB
