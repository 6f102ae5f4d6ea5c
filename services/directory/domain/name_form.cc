#include "services/directory/domain/name_form.h"

#include <unicode/translit.h>
#include <unicode/uchar.h>
#include <unicode/unistr.h>
#include <unicode/uscript.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <mutex>
#include <thread>
#include <unordered_map>

#include "absl/synchronization/mutex.h"

namespace yilian::directory {
namespace {

// Surnames of two characters, after the list of 百家姓 and those that the census still counts.
constexpr std::array<std::string_view, 48> kDoubleSurnames = {
    "欧阳", "司马", "上官", "诸葛", "东方", "皇甫", "尉迟", "公孙", "慕容", "令狐", "司徒", "长孙",
    "宇文", "夏侯", "端木", "百里", "呼延", "闻人", "赫连", "澹台", "公冶", "宗政", "濮阳", "淳于",
    "单于", "太叔", "申屠", "仲孙", "轩辕", "钟离", "鲜于", "闾丘", "南宫", "独孤", "拓跋", "公羊",
    "东郭", "西门", "梁丘", "左丘", "万俟", "司空", "亓官", "第五", "纳兰", "完颜", "叶赫", "耶律"};

// Entries kept a table; a region's names have fewer characters and surnames.
constexpr size_t kMostKept = 50'000;

// One ICU transliteration and what it has answered so far.
class Table {
 public:
  explicit Table(const char* id) : id_(id) {}

  // Reads the rules, once: half a second for those of Han to Latin.
  void Load() {
    std::call_once(loaded_, [this] {
      UErrorCode error = U_ZERO_ERROR;
      rules_.reset(icu::Transliterator::createInstance(icu::UnicodeString::fromUTF8(id_),
                                                       UTRANS_FORWARD, error));
      // Part of ICU's own data: without it nothing here can work.
      if (U_FAILURE(error) || rules_ == nullptr) std::abort();
    });
  }

  std::string Of(const std::string& text) {
    Load();
    {
      absl::ReaderMutexLock lock(&mutex_);
      if (const auto found = known_.find(text); found != known_.end()) return found->second;
    }
    icu::UnicodeString letters = icu::UnicodeString::fromUTF8(text);
    std::string answer;
    absl::MutexLock lock(&mutex_);
    rules_->transliterate(letters);
    letters.toUTF8String(answer);
    if (known_.size() < kMostKept) known_.emplace(text, answer);
    return answer;
  }

 private:
  const char* const id_;
  std::once_flag loaded_;
  std::unique_ptr<icu::Transliterator> rules_;
  absl::Mutex mutex_;
  std::unordered_map<std::string, std::string> known_;
};

// Digits count: 无名氏1 and 无名氏2 are two people whom nobody knows.
std::string OnlyLetters(const std::string& text) {
  std::string letters;
  for (const char c : text) {
    if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9')) letters.push_back(c);
  }
  return letters;
}

bool IsHan(UChar32 c) {
  UErrorCode error = U_ZERO_ERROR;
  return uscript_getScript(c, &error) == USCRIPT_HAN;
}

// What stands between blanks, dots and other signs. An apostrophe is part of its word: O'Neill.
std::vector<std::string> PartsOf(const icu::UnicodeString& name) {
  std::vector<std::string> parts;
  icu::UnicodeString part;
  for (int32_t i = 0; i <= name.length(); i = name.moveIndex32(i, 1)) {
    const bool ends = i == name.length();
    const UChar32 c = ends ? ' ' : name.char32At(i);
    if (u_isalnum(c) || u_getCombiningClass(c) != 0) {
      part.append(c);
    } else if (c != '\'' && c != 0x2019 && !part.isEmpty()) {
      part.toUTF8String(parts.emplace_back());
      part.remove();
    }
    if (ends) break;
  }
  return parts;
}

// The Han characters of a name that is written in them alone; else nothing.
std::vector<std::string> HanOf(const icu::UnicodeString& name) {
  std::vector<std::string> han;
  for (int32_t i = 0; i < name.length(); i = name.moveIndex32(i, 1)) {
    const UChar32 c = name.char32At(i);
    if (u_isUWhiteSpace(c)) continue;
    if (!IsHan(c)) return {};
    icu::UnicodeString(c).toUTF8String(han.emplace_back());
  }
  return han;
}

}  // namespace

struct NameReader::Tables {
  Table simplified{"NFKC; Hant-Hans"};
  Table surname{"Han-Latin/Names; Latin-ASCII; Lower"};
  Table syllable{"Han-Latin; Latin-ASCII; Lower"};
  Table latin{"NFKC; Any-Latin; Latin-ASCII; Lower"};
  // Beside the service's start, which does not wait for it; the first name does.
  std::thread loading{[this] {
    for (Table* table : {&simplified, &surname, &syllable, &latin}) table->Load();
  }};
  ~Tables() { loading.join(); }
};

NameReader::NameReader() : tables_(std::make_unique<Tables>()) {}
NameReader::~NameReader() = default;

NameForm NameReader::Read(std::string_view name) const {
  NameForm form;
  const icu::UnicodeString text =
      icu::UnicodeString::fromUTF8(icu::StringPiece(name.data(), static_cast<int>(name.size())));
  const std::vector<std::string> han = HanOf(text);
  // Beyond four characters it is a transliteration, whose first character is no surname.
  if (han.empty() || han.size() > 4) {
    for (const std::string& part : PartsOf(text)) {
      if (std::string word = OnlyLetters(tables_->latin.Of(part)); !word.empty()) {
        form.words.push_back(std::move(word));
      }
    }
    return form;
  }
  form.is_han = true;
  std::vector<std::string> characters;
  characters.reserve(han.size());
  for (const std::string& one : han) characters.push_back(tables_->simplified.Of(one));
  size_t given_at = 1;
  if (characters.size() > 2 && std::find(kDoubleSurnames.begin(), kDoubleSurnames.end(),
                                         characters[0] + characters[1]) != kDoubleSurnames.end()) {
    given_at = 2;
  }
  for (size_t i = 0; i < characters.size(); ++i) {
    if (i < given_at) {
      form.surname += characters[i];
    } else {
      form.given += characters[i];
      form.given_sound += OnlyLetters(tables_->syllable.Of(characters[i]));
    }
  }
  form.surname_sound = OnlyLetters(tables_->surname.Of(form.surname));
  for (const std::string& part : {form.surname_sound, form.given_sound}) {
    if (!part.empty()) form.words.push_back(part);
  }
  return form;
}

int CountCharacters(std::string_view text) {
  return static_cast<int>(
      std::count_if(text.begin(), text.end(), [](char c) { return (c & 0xC0) != 0x80; }));
}

std::string_view FirstCharacters(std::string_view text, int count) {
  size_t end = 0;
  while (end < text.size() && count > 0) {
    ++end;
    while (end < text.size() && (text[end] & 0xC0) == 0x80) ++end;
    --count;
  }
  return text.substr(0, end);
}

}  // namespace yilian::directory
