#include "services/directory/domain/matching.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "services/directory/domain/blocking.h"
#include "services/directory/domain/sound.h"

namespace yilian::directory {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

const NameReader& Names() {
  static const NameReader* const names = new NameReader();
  return *names;
}

// A woman of the township, whose every field a test may change.
RegisterPatient Known(std::string name = "张小芳") {
  return {.name = std::move(name),
          .sex = Sex::kFemale,
          .birth_date = absl::CivilDay(1986, 3, 14),
          .phone = "13812345678",
          .address = "青河县柳树镇东街12号"};
}

// Of a person of whom the name alone is known.
MatchFacts Read(std::string name) {
  return MatchFactsOf(Names(), RegisterPatient{.name = std::move(name), .sex = Sex::kUnknown});
}

struct Outcome {
  Verdict verdict;
  bool found;  // shares a blocking key
};

Outcome MatchOf(const RegisterPatient& a, const RegisterPatient& b) {
  const MatchFacts one = MatchFactsOf(Names(), a);
  const MatchFacts other = MatchFactsOf(Names(), b);
  const std::vector<std::string> keys = LookupKeys(one);
  const std::vector<std::string> others = BlockingKeys(other);
  const bool found = std::any_of(keys.begin(), keys.end(), [&](const std::string& key) {
    return std::find(others.begin(), others.end(), key) != others.end();
  });
  const Verdict verdict = Judge(Compare(one, other));
  EXPECT_EQ(verdict, Judge(Compare(other, one))) << a.name << " and " << b.name;
  return {verdict, found};
}

Agreement NameAgreement(const std::string& a, const std::string& b, MatchField field) {
  for (const FieldAgreement& one : Compare(Read(a), Read(b)).fields) {
    if (one.field == field) return one.agreement;
  }
  ADD_FAILURE() << a << " and " << b << " are not compared";
  return Agreement::kDifferent;
}
Agreement Surnames(const std::string& a, const std::string& b) {
  return NameAgreement(a, b, MatchField::kSurname);
}
Agreement GivenNames(const std::string& a, const std::string& b) {
  return NameAgreement(a, b, MatchField::kGivenName);
}

TEST(NameForm, ASurnameHasItsOwnReading) {
  struct Case {
    const char* name;
    const char* surname;
    const char* surname_sound;
    const char* given_sound;
  };
  for (const Case& one : std::vector<Case>{{"单小军", "单", "shan", "xiaojun"},
                                           {"查理明", "查", "zha", "liming"},
                                           {"曾国强", "曾", "zeng", "guoqiang"},
                                           {"仇英", "仇", "qiu", "ying"},
                                           {"区志远", "区", "ou", "zhiyuan"},
                                           {"欧阳娜", "欧阳", "ouyang", "na"},
                                           {"尉迟恭", "尉迟", "yuchi", "gong"},
                                           {"上官婉儿", "上官", "shangguan", "waner"},
                                           {"吕布", "吕", "lu", "bu"},
                                           {"王 芳", "王", "wang", "fang"}}) {
    const NameForm form = Names().Read(one.name);
    EXPECT_TRUE(form.is_han) << one.name;
    EXPECT_EQ(form.surname, one.surname) << one.name;
    EXPECT_EQ(form.surname_sound, one.surname_sound) << one.name;
    EXPECT_EQ(form.given_sound, one.given_sound) << one.name;
  }
}

TEST(NameForm, NamesInLettersAndTransliterationsAreWords) {
  EXPECT_THAT(Names().Read("Wang, Xiao-Fang").words, ElementsAre("wang", "xiao", "fang"));
  EXPECT_THAT(Names().Read("Élodie O'Neill").words, ElementsAre("elodie", "oneill"));
  EXPECT_THAT(Names().Read("Гүлнар Ахметова").words.size(), 2u);
  const NameForm uyghur = Names().Read("买买提·阿不都拉");
  EXPECT_FALSE(uyghur.is_han);
  EXPECT_THAT(uyghur.words, ElementsAre("maimaiti", "abudoula"));
  EXPECT_THAT(Names().Read("").words, IsEmpty());
  EXPECT_THAT(Names().Read("· ?").words, IsEmpty());
  EXPECT_THAT(Names().Read("无名氏12").words, ElementsAre("wumingshi12"));
}

TEST(Sound, TheSouthDoesNotKeepThemApart) {
  EXPECT_EQ(FoldedPinyin("zhang"), FoldedPinyin("zan"));
  EXPECT_EQ(FoldedPinyin("ning"), FoldedPinyin("lin"));
  EXPECT_EQ(FoldedPinyin("shicheng"), FoldedPinyin("sicen"));
  EXPECT_NE(FoldedPinyin("zhong"), FoldedPinyin("zun"));
  EXPECT_EQ(FoldedPinyin("smith"), "");
  for (const char* pinyin :
       {"xiaofang", "zhongguo", "yuan", "ai", "ouyang", "lve", "qiong", "yin"}) {
    EXPECT_NE(FoldedPinyin(pinyin), "") << pinyin;
  }
  for (const char* other : {"smith", "mugisha", "musoke", "okello", "bwa", "fong"}) {
    EXPECT_EQ(FoldedPinyin(other), "") << other;
  }
  EXPECT_EQ(SoundOf("musoke"), SoundOf("musooke"));
  EXPECT_NE(SoundOf("mugisha"), SoundOf("okello"));
}

TEST(Sound, LettersAreCompared) {
  EXPECT_NEAR(JaroWinkler("martha", "marhta"), 0.961, 0.001);
  EXPECT_NEAR(JaroWinkler("dwayne", "duane"), 0.840, 0.001);
  EXPECT_EQ(JaroWinkler("same", "same"), 1);
  EXPECT_EQ(JaroWinkler("abc", "xyz"), 0);
  EXPECT_TRUE(OneSlip("13812345678", "13812345687"));
  EXPECT_TRUE(OneSlip("19860314", "19860315"));
  EXPECT_TRUE(OneSlip("abc", "abcd"));
  EXPECT_TRUE(OneSlip("bcd", "abcd"));
  EXPECT_FALSE(OneSlip("abcd", "abcd"));
  EXPECT_FALSE(OneSlip("abcd", "badc"));
  EXPECT_FALSE(OneSlip("ab", "abcd"));
}

TEST(NameComparison, HanNamesAgreeByCharacterAndBySound) {
  EXPECT_EQ(Surnames("王小芳", "王小芳"), Agreement::kEqual);
  EXPECT_EQ(Surnames("王小芳", "汪小芳"), Agreement::kSound);
  EXPECT_EQ(Surnames("章小芳", "张小芳"), Agreement::kSound);
  EXPECT_EQ(Surnames("陈小芳", "程小芳"), Agreement::kNearSound);
  EXPECT_EQ(Surnames("王小芳", "李小芳"), Agreement::kDifferent);
  EXPECT_EQ(GivenNames("王小芳", "王晓芳"), Agreement::kSound);
  EXPECT_EQ(GivenNames("王小芳", "王晓方"), Agreement::kSound);
  EXPECT_EQ(GivenNames("刘胜利", "刘圣利"), Agreement::kSound);
  EXPECT_EQ(GivenNames("刘胜利", "刘森利"), Agreement::kNearSound);
  EXPECT_EQ(GivenNames("刘志强", "刘自强"), Agreement::kNearSound);
  EXPECT_EQ(GivenNames("刘宁", "刘林"), Agreement::kNearSound);
  EXPECT_EQ(GivenNames("王小明", "王小亮"), Agreement::kPart);
  EXPECT_EQ(GivenNames("王芳", "王小芳"), Agreement::kPart);
  EXPECT_EQ(GivenNames("王小芳", "王建国"), Agreement::kDifferent);
}

TEST(NameComparison, TraditionalAndSimplifiedAreTheSame) {
  EXPECT_EQ(Surnames("張曉華", "张晓华"), Agreement::kEqual);
  EXPECT_EQ(GivenNames("張曉華", "张晓华"), Agreement::kEqual);
  EXPECT_EQ(Surnames("葉德嫻", "叶德娴"), Agreement::kEqual);
  EXPECT_EQ(GivenNames("葉德嫻", "叶德娴"), Agreement::kEqual);
  EXPECT_EQ(Surnames("歐陽鋒", "欧阳锋"), Agreement::kEqual);
}

TEST(NameComparison, ACommonSurnameSaysLess) {
  const auto bits = [](const std::string& name) { return Compare(Read(name), Read(name)).bits; };
  EXPECT_LT(bits("王小芳") + 4, bits("逄小芳"));
  EXPECT_LT(bits("王芳"), bits("王小芳"));
}

TEST(NameComparison, HanAndLettersAgreeBySound) {
  for (const char* letters :
       {"Zhang Xiaofang", "Xiaofang Zhang", "ZHANG Xiao Fang", "Xiao-Fang ZHANG"}) {
    EXPECT_EQ(NameAgreement("张小芳", letters, MatchField::kNameWord), Agreement::kSound)
        << letters;
  }
  EXPECT_EQ(NameAgreement("吕布", "Lv Bu", MatchField::kNameWord), Agreement::kSound);
  EXPECT_EQ(NameAgreement("张小芳", "Zang Xiaofan", MatchField::kNameWord), Agreement::kNearSound);
  EXPECT_EQ(NameAgreement("张小芳", "Mary Zhang", MatchField::kNameWord), Agreement::kDifferent);
}

TEST(NameComparison, LettersToleratesSlipsAndOrder) {
  const auto bits = [](const std::string& a, const std::string& b) {
    return Compare(Read(a), Read(b)).bits;
  };
  EXPECT_GT(bits("Zuwena Acile", "Zuwena Acile"), bits("Zuwena Acile", "Acile Zuwena"));
  EXPECT_GT(bits("Zuwena Acile", "Acile Zuwena"), 10);
  EXPECT_GT(bits("Zuwena Acile", "Zuwenna Acile"), 10);
  EXPECT_GT(bits("Zuwena Acile", "Zuwena"), 5);
  EXPECT_LT(bits("Zuwena Acile", "Curtis Namusiige"), -5);
  EXPECT_EQ(bits("Zuwena Acile", ""), 0);
}

TEST(Judge, TheSamePersonIsOne) {
  const Outcome same = MatchOf(Known(), Known());
  EXPECT_EQ(same.verdict, Verdict::kSame);
  EXPECT_TRUE(same.found);
  EXPECT_EQ(MatchOf(Known("張小芳"), Known()).verdict, Verdict::kSame);
  RegisterPatient abroad = Known();
  abroad.phone = "+86 138-1234-5678";
  EXPECT_EQ(MatchOf(abroad, Known()).verdict, Verdict::kSame);
}

TEST(Judge, AMissingTelephoneSaysNothing) {
  RegisterPatient known = Known();
  known.phone.clear();
  EXPECT_EQ(MatchOf(known, Known()).verdict, Verdict::kSame) << "the address agrees";
  known.address.clear();
  EXPECT_EQ(MatchOf(known, Known()).verdict, Verdict::kReview) << "a namesake of the same day";
  known.sex = Sex::kUnknown;
  EXPECT_EQ(MatchOf(known, Known()).verdict, Verdict::kReview);
}

TEST(Judge, TwinsAreNeverOne) {
  const RegisterPatient twin = Known("王小明");
  for (const char* other : {"王小亮", "王大明", "王小铭", "王小名", "王晓明", "王明", "王建国"}) {
    EXPECT_NE(MatchOf(twin, Known(other)).verdict, Verdict::kSame) << other;
  }
  EXPECT_EQ(MatchOf(twin, Known("王小亮")).verdict, Verdict::kReview)
      << "household and birth date are the same: somebody looks";
  RegisterPatient elsewhere = Known("王小亮");
  elsewhere.phone = "13998765432";
  elsewhere.address.clear();
  EXPECT_EQ(MatchOf(twin, elsewhere).verdict, Verdict::kDifferent);
}

TEST(Judge, ParentAndChildAreTwo) {
  RegisterPatient child = Known("张小芳");
  child.birth_date = absl::CivilDay(2012, 7, 2);
  EXPECT_NE(MatchOf(Known(), child).verdict, Verdict::kSame);
  RegisterPatient father = Known("张国强");
  father.sex = Sex::kMale;
  father.birth_date = absl::CivilDay(1960, 11, 30);
  EXPECT_EQ(MatchOf(Known(), father).verdict, Verdict::kDifferent);
}

TEST(Judge, NamesakesAreTwo) {
  RegisterPatient namesake = Known("王芳");
  namesake.birth_date = absl::CivilDay(1972, 1, 19);
  namesake.phone = "13998765432";
  namesake.address = "白云县河口镇西街3号";
  EXPECT_EQ(MatchOf(Known("王芳"), namesake).verdict, Verdict::kDifferent);
}

TEST(Judge, AHomophoneIsForAPersonToDecide) {
  for (const char* written : {"章小芳", "张晓芳", "张小方", "张筱芳", "张晓方"}) {
    const Outcome outcome = MatchOf(Known(), Known(written));
    EXPECT_EQ(outcome.verdict, Verdict::kReview) << written;
    EXPECT_TRUE(outcome.found) << written;
  }
}

TEST(Judge, ABirthDateWithASlipIsFoundAndLookedAt) {
  for (const absl::CivilDay day : {absl::CivilDay(1986, 3, 15), absl::CivilDay(1968, 3, 14),
                                   absl::CivilDay(1985, 3, 14), absl::CivilDay(1986, 1, 1)}) {
    RegisterPatient typed = Known();
    typed.birth_date = day;
    const Outcome outcome = MatchOf(Known(), typed);
    EXPECT_EQ(outcome.verdict, Verdict::kReview) << day;
    EXPECT_TRUE(outcome.found) << day;
  }
  RegisterPatient known = Known();
  known.birth_date = absl::CivilDay(1986, 3, 4);
  RegisterPatient swapped = Known();
  swapped.birth_date = absl::CivilDay(1986, 4, 3);
  swapped.phone.clear();
  EXPECT_EQ(MatchOf(known, swapped).verdict, Verdict::kReview);
  EXPECT_TRUE(MatchOf(known, swapped).found);
}

TEST(Judge, WithoutABirthDateTheTelephoneFindsAndAPersonDecides) {
  RegisterPatient known = Known();
  known.birth_date.reset();
  for (const bool with_phone : {true, false}) {
    if (!with_phone) known.phone.clear();
    const Outcome outcome = MatchOf(known, Known());
    EXPECT_EQ(outcome.verdict, with_phone ? Verdict::kReview : Verdict::kDifferent);
    EXPECT_TRUE(outcome.found) << "looked for among all of the name";
    EXPECT_TRUE(MatchOf(Known(), known).found) << "looked for among those without a date";
  }
}

TEST(Judge, TwoIdentityNumbersAreTwoPeople) {
  RegisterPatient a = Known();
  RegisterPatient b = Known();
  a.national_id = "999901198603140021";
  b.national_id = "999901198603140048";
  EXPECT_EQ(MatchOf(a, b).verdict, Verdict::kDifferent);
  b.national_id = a.national_id;
  b.name = "李大海";
  EXPECT_EQ(MatchOf(a, b).verdict, Verdict::kSame) << "deterministic";
}

TEST(Judge, AnIdentifierOfOneIssuerDecidesAndASlipInItHelps) {
  RegisterPatient a = Known();
  RegisterPatient b = Known();
  for (RegisterPatient* one : {&a, &b}) one->phone = one->address = "";
  a.identifiers = {{"hospital", "TX-100017"}};
  b.identifiers = {{"hospital", "TX-100071"}};
  EXPECT_EQ(MatchOf(a, b).verdict, Verdict::kSame);
  b.identifiers = {{"clinic", "TX-100017"}};
  EXPECT_EQ(MatchOf(a, b).verdict, Verdict::kReview) << "equal numbers of two issuers say nothing";
  b = Known("李大海");
  b.identifiers = {{"hospital", "TX-100017"}};
  EXPECT_EQ(MatchOf(a, b).verdict, Verdict::kSame);
}

TEST(Judge, AnotherSexIsNeverAutomatic) {
  RegisterPatient other = Known();
  other.sex = Sex::kMale;
  EXPECT_EQ(MatchOf(Known(), other).verdict, Verdict::kReview);
}

TEST(Judge, WhomNobodyKnowsIsToldApartByTheNumber) {
  for (const char* other : {"无名氏2", "无名氏11", "无名氏"}) {
    RegisterPatient one = Known("无名氏1");
    RegisterPatient two = Known(other);
    one.phone = two.phone = one.address = two.address = "";
    EXPECT_EQ(MatchOf(one, two).verdict, Verdict::kDifferent) << other;
  }
}

TEST(Judge, NobodyIsEverybody) {
  EXPECT_EQ(MatchOf({.name = "", .sex = Sex::kUnknown}, Known()).verdict, Verdict::kDifferent);
  EXPECT_EQ(MatchOf({.name = "张小芳", .sex = Sex::kUnknown}, Known()).verdict,
            Verdict::kDifferent);
  EXPECT_THAT(BlockingKeys(Read("")), IsEmpty());
}

TEST(BlockingKeys, AreFewAndDistinct) {
  RegisterPatient long_name = Known("Maria del Carmen Fernandez y Gutierrez");
  for (const RegisterPatient& one : {Known(), Known("阿卜杜热合曼·吾买尔"), long_name}) {
    std::vector<std::string> keys = BlockingKeys(MatchFactsOf(Names(), one));
    EXPECT_LE(keys.size(), static_cast<size_t>(kMostBlockingKeys)) << one.name;
    EXPECT_GE(keys.size(), 6u) << one.name;
    EXPECT_LE(LookupKeys(MatchFactsOf(Names(), one)).size(), keys.size()) << one.name;
    std::sort(keys.begin(), keys.end());
    EXPECT_EQ(std::unique(keys.begin(), keys.end()), keys.end()) << one.name;
  }
}

TEST(Address, IsComparedByItsParts) {
  EXPECT_THAT(AddressTokens("柳树镇东街12号"), ElementsAre("12", "东街", "柳树", "树镇", "镇东"));
  RegisterPatient longer = Known();
  longer.address = "安州省青河县柳树镇东街12号3单元";
  longer.phone.clear();
  EXPECT_EQ(MatchOf(longer, Known()).verdict, Verdict::kSame);
}

TEST(Phone, IsItsDigits) {
  EXPECT_EQ(NormalPhone("+86 138-1234-5678"), "13812345678");
  EXPECT_EQ(NormalPhone("0086 13812345678"), "13812345678");
  EXPECT_EQ(NormalPhone("0571-8888 6666"), "057188886666");
  EXPECT_EQ(NormalPhone("86123456"), "86123456");
}

}  // namespace
}  // namespace yilian::directory
