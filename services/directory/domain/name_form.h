// A person's name in the form in which names are compared.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace yilian::directory {

// A Han name has surname and given name; every other name, and a transliterated one with a dot in
// it (买买提·阿不都拉), has words in any order.
struct NameForm {
  bool is_han = false;
  // Simplified characters, one variant of each.
  std::string surname;
  std::string given;
  // Toneless pinyin of each part, without blanks: "wang", "xiaofang".
  std::string surname_sound;
  std::string given_sound;
  // Lower-case ASCII words; of a Han name the two sounds.
  std::vector<std::string> words;
  bool empty() const { return words.empty(); }
};

// Reads names with ICU's tables: traditional to simplified characters, Han to Latin (surnames have
// readings of their own: 单 is Shan, 查 is Zha), other scripts to Latin. What it has read it keeps,
// so that a name costs a look-up. Thread-safe; one a process is enough.
class NameReader {
 public:
  NameReader();
  ~NameReader();
  NameForm Read(std::string_view name) const;

 private:
  struct Tables;
  const std::unique_ptr<Tables> tables_;
};

// Characters of UTF-8 text.
int CountCharacters(std::string_view text);
// The first `count` characters.
std::string_view FirstCharacters(std::string_view text, int count);

}  // namespace yilian::directory
