// How alike two names are: by letters and by sound.
#pragma once

#include <string>
#include <string_view>

namespace yilian::directory {

// Jaro-Winkler similarity of two ASCII words, 0 to 1. Words of more than 64 letters are compared by
// their first 64.
double JaroWinkler(std::string_view a, std::string_view b);

// True when one letter more, less or other, or two neighbours swapped, makes `a` into `b`; not when
// they are equal.
bool OneSlip(std::string_view a, std::string_view b);

// A word that is a sequence of pinyin syllables ("xiaofang"), as who does not keep apart what the
// south does not keep apart writes it: zh, ch, sh as z, c, s; -ang, -eng, -ing as -an, -en, -in;
// n- as l-. Empty for a word that is no pinyin. Lower-case ASCII.
std::string FoldedPinyin(std::string_view word);

// What a name sounds like, roughly: FoldedPinyin where it is pinyin, else the consonants by their
// class. Equal for most misspellings by ear.
std::string SoundOf(std::string_view word);

}  // namespace yilian::directory
