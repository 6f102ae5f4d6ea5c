// The statements of reading centres and their members, by name, with the index that serves each.
#pragma once

#include "common/mysql/query.h"

namespace yilian::consultation::queries {

// In the order that centre_rows.cc expects.
#define YILIAN_CENTRE_COLUMNS                                                               \
  "c.centre_id, c.organization_id, c.name, c.kinds, c.time_zone, c.duty_hours, "            \
  "c.receipt_minutes, c.opinion_minutes, c.parking_minutes, c.assignment, c.most_in_hand, " \
  "c.second_reading_percent, c.first_reader_signs, c.version"
// Index: primary key, all of these.
inline constexpr mysql::Query kGetCentre{"consultation.GetCentre",
                                         "SELECT " YILIAN_CENTRE_COLUMNS
                                         " FROM reading_centre c WHERE c.centre_id = ?"};
inline constexpr mysql::Query kLockCentre{
    "consultation.LockCentre",
    "SELECT " YILIAN_CENTRE_COLUMNS " FROM reading_centre c WHERE c.centre_id = ? FOR UPDATE"};
inline constexpr mysql::Query kParkingMinutes{
    "consultation.ParkingMinutes",
    "SELECT parking_minutes FROM reading_centre WHERE centre_id = ?"};
inline constexpr mysql::Query kInsertCentre{
    "consultation.InsertCentre",
    "INSERT INTO reading_centre (centre_id, organization_id, name, kinds, time_zone, duty_hours, "
    "receipt_minutes, opinion_minutes, parking_minutes, assignment, most_in_hand, "
    "second_reading_percent, first_reader_signs, version, updated_at) VALUES (?, ?, ?, ?, ?, ?, ?, "
    "?, ?, ?, ?, ?, ?, ?, ?)"};
inline constexpr mysql::Query kUpdateCentre{
    "consultation.UpdateCentre",
    "UPDATE reading_centre SET name = ?, kinds = ?, time_zone = ?, duty_hours = ?, "
    "receipt_minutes = ?, opinion_minutes = ?, parking_minutes = ?, assignment = ?, most_in_hand = "
    "?, second_reading_percent = ?, first_reader_signs = ?, version = ?, updated_at = ? WHERE "
    "centre_id = ?"};
// Index: primary key of reading_centre_kind, then that of reading_centre.
inline constexpr mysql::Query kCentreFor{
    "consultation.CentreFor", "SELECT " YILIAN_CENTRE_COLUMNS
                              " FROM reading_centre_kind k JOIN reading_centre c ON c.centre_id = "
                              "k.centre_id WHERE k.organization_id = ? AND k.kind = ?"};
inline constexpr mysql::Query kKindTaken{
    "consultation.KindTaken",
    "SELECT centre_id FROM reading_centre_kind WHERE organization_id = ? AND kind = ?"};
inline constexpr mysql::Query kTakeKind{
    "consultation.TakeKind",
    "INSERT INTO reading_centre_kind (organization_id, kind, centre_id) VALUES (?, ?, ?)"};
// Index: ix_reading_centre_kind__centre.
inline constexpr mysql::Query kGiveUpKinds{"consultation.GiveUpKinds",
                                           "DELETE FROM reading_centre_kind WHERE centre_id = ?"};
// Index: primary key; a region has some dozens.
inline constexpr mysql::Query kListCentres{
    "consultation.ListCentres",
    "SELECT " YILIAN_CENTRE_COLUMNS
    " FROM reading_centre c WHERE c.centre_id > ? ORDER BY c.centre_id LIMIT ?"};
// Index: ix_reading_centre__organization.
inline constexpr mysql::Query kListCentresOf{
    "consultation.ListCentresOf", "SELECT " YILIAN_CENTRE_COLUMNS
                                  " FROM reading_centre c WHERE c.organization_id = ? AND "
                                  "c.centre_id > ? ORDER BY c.centre_id LIMIT ?"};

#define YILIAN_MEMBER_COLUMNS                                                                 \
  "centre_id, practitioner_id, kinds, specialties, may_sign, shifts, always_second_reading, " \
  "duty, "                                                                                    \
  "duty_since, duty_until, version"
// Index: primary key.
inline constexpr mysql::Query kGetMember{
    "consultation.GetMember", "SELECT " YILIAN_MEMBER_COLUMNS
                              " FROM reading_member WHERE centre_id = ? AND practitioner_id = ?"};
inline constexpr mysql::Query kLockMember{
    "consultation.LockMember",
    "SELECT " YILIAN_MEMBER_COLUMNS
    " FROM reading_member WHERE centre_id = ? AND practitioner_id = ? FOR UPDATE"};
// Index: uq_reading_member__duty. Locked, so that no duty ends between the look and the claim.
inline constexpr mysql::Query kLockOnDuty{
    "consultation.LockOnDuty", "SELECT " YILIAN_MEMBER_COLUMNS
                               " FROM reading_member WHERE duty_practitioner_id = ? FOR UPDATE"};
// Index: primary key.
inline constexpr mysql::Query kListMembers{
    "consultation.ListMembers",
    "SELECT " YILIAN_MEMBER_COLUMNS
    " FROM reading_member WHERE centre_id = ? AND practitioner_id > ? AND kinds <> '' "
    "ORDER BY practitioner_id LIMIT ?"};
inline constexpr mysql::Query kInsertMember{
    "consultation.InsertMember",
    "INSERT INTO reading_member (centre_id, practitioner_id, kinds, specialties, may_sign, shifts, "
    "always_second_reading, duty, duty_since, duty_until, version, updated_at) VALUES (?, ?, ?, ?, "
    "?, ?, ?, ?, ?, ?, ?, ?)"};
inline constexpr mysql::Query kUpdateMember{
    "consultation.UpdateMember",
    "UPDATE reading_member SET kinds = ?, specialties = ?, may_sign = ?, shifts = ?, "
    "always_second_reading = ?, duty = ?, duty_since = ?, duty_until = ?, version = ?, updated_at "
    "= ? WHERE centre_id = ? AND "
    "practitioner_id = ?"};
// Index: ix_reading_member__on_duty.
inline constexpr mysql::Query kCountOnDuty{
    "consultation.CountOnDuty",
    "SELECT COUNT(*) FROM reading_member WHERE centre_id = ? AND duty = 2 AND duty_until > ?"};
// With when they were last given one. Index: ix_reading_member__on_duty.
inline constexpr mysql::Query kReadersOnDuty{
    "consultation.ReadersOnDuty",
    "SELECT " YILIAN_MEMBER_COLUMNS
    ", last_given_at FROM reading_member WHERE centre_id = ? AND duty = 2 AND duty_until > ?"};
// Index: primary key.
inline constexpr mysql::Query kGiven{
    "consultation.Given",
    "UPDATE reading_member SET last_given_at = ? WHERE centre_id = ? AND practitioner_id = ?"};
// What is in hand at a centre: as many as its readers hold. Index: ix_consultation__lease, which
// covers it.
inline constexpr mysql::Query kInHand{
    "consultation.InHand",
    "SELECT expert_practitioner_id, COUNT(*), SUM(worklist_rank = 0) FROM consultation FORCE INDEX "
    "(ix_consultation__lease) WHERE queue_id = ? AND lease_until > ? AND parked_at IS NULL GROUP "
    "BY expert_practitioner_id"};

// Counts end after five hundred entries of an index that covers them (one more tells that there are
// more), so that they cost the same however long the list is: kMaxCounted.
#define YILIAN_COUNT_CAP "501"
// Index: ix_consultation__lease.
inline constexpr mysql::Query kCountInWork{
    "consultation.CountInWork",
    "SELECT COUNT(*) FROM (SELECT 1 FROM consultation FORCE INDEX (ix_consultation__lease) WHERE "
    "queue_id = ? AND lease_until > ? AND worklist_rank = ? LIMIT " YILIAN_COUNT_CAP ") AS held"};
// Index: ix_consultation__offer.
inline constexpr mysql::Query kCountRequested{
    "consultation.CountRequested",
    "SELECT COUNT(*), MIN(worklist_at) FROM (SELECT worklist_at FROM consultation FORCE INDEX "
    "(ix_consultation__offer) WHERE queue_id = ? AND offer_kind = ? AND state = 'REQUESTED' AND "
    "worklist_rank = ? ORDER BY worklist_at LIMIT " YILIAN_COUNT_CAP ") AS listed"};
// What nobody has any more. Index: ix_consultation__lease.
inline constexpr mysql::Query kCountLapsed{
    "consultation.CountLapsed",
    "SELECT COUNT(*), MIN(worklist_at) FROM (SELECT worklist_at FROM consultation FORCE INDEX "
    "(ix_consultation__lease) WHERE queue_id = ? AND lease_until <= ? AND worklist_rank = ? "
    "LIMIT " YILIAN_COUNT_CAP ") AS lapsed"};

}  // namespace yilian::consultation::queries
