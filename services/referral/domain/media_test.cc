#include "services/referral/domain/media.h"

#include <gtest/gtest.h>

#include <initializer_list>

namespace yilian::referral {
namespace {

using namespace std::string_literals;

bool Passes(std::initializer_list<std::string> chunks) {
  TextCheck check;
  for (const std::string& chunk : chunks) check.Add(chunk);
  return check.Passed();
}

TEST(MediaTest, TheContentDecidesWhatItIs) {
  EXPECT_TRUE(Agrees(MediaType::kPdf, "application/pdf", "%PDF"));
  EXPECT_FALSE(Agrees(MediaType::kPdf, "application/x-dosexec", "MZ"));
  EXPECT_FALSE(Agrees(MediaType::kJpeg, "image/png", ""));
  EXPECT_TRUE(Agrees(MediaType::kPng, "image/png", ""));
  EXPECT_TRUE(Agrees(MediaType::kGif, "image/gif", ""));
  EXPECT_TRUE(Agrees(MediaType::kDicom, "application/dicom", ""));
  EXPECT_TRUE(Agrees(MediaType::kText, "text/plain", ""));
  EXPECT_FALSE(Agrees(MediaType::kText, "text/html", ""));
  EXPECT_FALSE(Agrees(MediaType::kText, "text/x-shellscript", ""));
}

TEST(MediaTest, AnAnnotatedEcgIsKnownByItsRoot) {
  const auto is_ecg = [](std::string_view head) {
    return Agrees(MediaType::kAecg, "text/xml", head);
  };
  EXPECT_TRUE(is_ecg("<?xml version=\"1.0\"?>\n<AnnotatedECG xmlns=\"urn:hl7-org:v3\">"));
  EXPECT_TRUE(
      is_ecg("\xef\xbb\xbf<!-- from the cart --><h:AnnotatedECG xmlns:h='urn:hl7-org:v3'>"));
  EXPECT_FALSE(is_ecg("<AnnotatedECG>"));
  EXPECT_FALSE(is_ecg("<ClinicalDocument xmlns=\"urn:hl7-org:v3\">"));
  EXPECT_FALSE(
      is_ecg("<!DOCTYPE AnnotatedECG [<!ENTITY x SYSTEM \"file:///etc/passwd\">]>"
             "<AnnotatedECG xmlns=\"urn:hl7-org:v3\">"));
  EXPECT_FALSE(is_ecg("<AnnotatedECG xmlns=\"urn:hl7-org:v3\""));
  EXPECT_FALSE(is_ecg(""));
  EXPECT_FALSE(
      Agrees(MediaType::kAecg, "application/pdf", "<AnnotatedECG xmlns=\"urn:hl7-org:v3\">"));
}

TEST(TextCheckTest, ACharacterMayLieAcrossTwoChunks) {
  const std::string text = "胸痛三天\r\n\t\xf0\xa0\xae\xb7";
  for (size_t cut = 0; cut <= text.size(); ++cut) {
    EXPECT_TRUE(Passes({text.substr(0, cut), text.substr(cut)})) << cut;
  }
  EXPECT_FALSE(Passes({text.substr(0, text.size() - 1)}));
}

TEST(TextCheckTest, WhatIsNoTextIsRefused) {
  EXPECT_FALSE(Passes({"zero\0byte"s}));
  EXPECT_FALSE(Passes({"escape \x1b[2J"}));
  EXPECT_FALSE(Passes({"\xc3("}));
  EXPECT_FALSE(Passes({"\x80"}));
  EXPECT_FALSE(Passes({"\xc0\xaf"}));          // too long for '/'
  EXPECT_FALSE(Passes({"\xed\xa0\x80"}));      // half a surrogate pair
  EXPECT_FALSE(Passes({"\xf4\x90\x80\x80"}));  // beyond Unicode
  EXPECT_FALSE(Passes({"\xc2\x85"}));          // a control character of the upper half
  EXPECT_FALSE(Passes({"\xd0\xd8\xcd\xb4"}));  // GB18030
}

}  // namespace
}  // namespace yilian::referral
