#include "renderer/atlas_characters.h"

#include <iconv.h>
#include <utf8proc.h>

#include <span>
#include <string_view>
#include <unordered_set>

#include "fovea/error.h"

namespace fovea {
namespace {

struct Range {
  char32_t first, last;
};

constexpr Range kRanges[] = {
    {0x21, 0x7E},      // ASCII
    {0xA0, 0xFF},      // Latin-1
    {0x100, 0x17E},    // Latin Extended-A
    {0x384, 0x3CE},    // Greek
    {0x400, 0x45F},    // Cyrillic
    {0x2500, 0x257F},  // box drawing
    {0x2580, 0x259F},  // block elements
};

constexpr Range kWideRanges[] = {
    {0x3003, 0x3017},  // CJK punctuation
    {0x3041, 0x3096},  // Hiragana
    {0x30A1, 0x30FE},  // Katakana
    {0xFF01, 0xFF5E},  // full-width forms
    {0xFFE0, 0xFFE5},  // full-width signs
};

// What follows may hold unassigned code points: no font has them, and they are left out.

constexpr Range kSigns[] = {
    {0x17F, 0x24F},      // long s, Latin Extended-B
    {0x250, 0x2AF},      // IPA
    {0x2B0, 0x2FF},      // modifier letters
    {0x300, 0x36F},      // combining marks
    {0x370, 0x3FF},      // Greek and Coptic
    {0x460, 0x52F},      // Cyrillic, older and other languages
    {0x1D00, 0x1DBF},    // phonetic extensions
    {0x1DC0, 0x1DFF},    // combining marks, supplement
    {0x1E00, 0x1EFF},    // Latin Extended Additional: all of Vietnamese
    {0x1F00, 0x1FFF},    // Greek Extended
    {0x2000, 0x206F},    // punctuation, joiners, directions
    {0x2070, 0x209F},    // superscripts and subscripts
    {0x20A0, 0x20CF},    // currency
    {0x20D0, 0x20FF},    // marks that enclose
    {0x2100, 0x218F},    // letterlike, number forms
    {0x2190, 0x23FF},    // arrows, mathematics, technical
    {0x2400, 0x243F},    // pictures of controls
    {0x2460, 0x24FF},    // enclosed letters and digits
    {0x25A0, 0x27BF},    // geometric shapes, symbols, dingbats
    {0x27C0, 0x27FF},    // mathematics, arrows
    {0x2900, 0x2BFF},    // arrows, mathematics, symbols
    {0x302A, 0x303F},    // CJK marks of one cell
    {0x3099, 0x309A},    // marks of kana
    {0xFE0E, 0xFE0F},    // text or emoji
    {0xFF61, 0xFF9F},    // half-width kana
    {0x1F100, 0x1F1FF},  // enclosed letters, flags
    {0x1F300, 0x1FAFF},  // emoji of one cell
    {0xE0030, 0xE0039},  // tags of flags
    {0xE0061, 0xE007A},
    {0xE007F, 0xE007F},
};

constexpr Range kScripts[] = {
    {0x530, 0x58F},    // Armenian
    {0x590, 0x5FF},    // Hebrew
    {0x600, 0x6FF},    // Arabic
    {0x750, 0x77F},    // Arabic, other languages
    {0x900, 0x97F},    // Devanagari
    {0x980, 0x9FF},    // Bengali
    {0xA00, 0xA7F},    // Gurmukhi
    {0xA80, 0xAFF},    // Gujarati
    {0xB00, 0xB7F},    // Oriya
    {0xB80, 0xBFF},    // Tamil
    {0xC00, 0xC7F},    // Telugu
    {0xC80, 0xCFF},    // Kannada
    {0xD00, 0xD7F},    // Malayalam
    {0xD80, 0xDFF},    // Sinhala
    {0xE00, 0xE7F},    // Thai
    {0xE80, 0xEFF},    // Lao
    {0x1000, 0x109F},  // Myanmar
    {0x10A0, 0x10FF},  // Georgian
    {0x1160, 0x11FF},  // Hangul vowels and finals
    {0x1200, 0x139F},  // Ethiopic
    {0x1780, 0x17FF},  // Khmer
    {0x19E0, 0x19FF},  // Khmer, days of the moon
    {0x1C90, 0x1CBF},  // Georgian capitals
    {0x2D00, 0x2D2F},  // Georgian, church
    {0x2D80, 0x2DDF},  // Ethiopic, other languages
    {0xAB00, 0xAB2F},
};

constexpr Range kHanzi[] = {{0x4E00, 0x9FFF}};  // those beyond GB 2312

constexpr Range kHangul[] = {
    {0xAC00, 0xD7A3},  // syllables
    {0x3131, 0x318E},  // letters
    {0x1100, 0x115F},  // initials
};

constexpr Range kWideSigns[] = {
    {0x3000, 0x30FF},    // CJK punctuation, kana
    {0x3105, 0x312F},    // Bopomofo
    {0x3190, 0x33FF},    // kanbun, strokes, enclosed and squared
    {0xFE30, 0xFE6F},    // vertical and small forms
    {0x231A, 0x2B55},    // emoji of the basic plane
    {0x1F004, 0x1F004},  // emoji beyond it
    {0x1F0CF, 0x1F0CF},
    {0x1F18E, 0x1F19A},
    {0x1F200, 0x1F265},
    {0x1F300, 0x1FAFF},
};

constexpr std::u32string_view kNarrow =
    // carriage return and escape, which terminals leave in logs
    U"\r\x1B"
    U"ƒȘșȚțҐґ"
    // spaces, dashes, quotes, marks
    U"\u200B\u202F\u2060\uFEFF\uFFFD‐‑–—‖‘’‚‛“”„†‡•‣…‰′″‴‹›‼‽"
    // superscripts, subscripts, fractions, currency
    U"⁰ⁱ⁴⁵⁶⁷⁸⁹⁺⁻⁼⁽⁾ⁿ₀₁₂₃₄₅₆₇₈₉₊₋₌₍₎₦₩₫€₴₸₹₺₽₿⅓⅔⅕⅖⅗⅘⅛⅜⅝⅞"
    // letterlike, number forms
    U"ℂℒℕ№ℙℚℝ™ℤℵℹⅠⅡⅢⅣⅤ"
    // arrows
    U"←↑→↓↔↕↖↗↘↙↚↛↤↦↩↪↰↱↲↳↴↵↺↻⇄⇌⇐⇑⇒⇓⇔⇤⇥⇧⇨⟨⟩⟵⟶⟷⟸⟹➔➜➝➞➡➤⬅⬆⬇"
    // mathematics
    U"∀∂∃∄∅∆∇∈∉∋∏∑−∖∗∘∙√∛∜∝∞∟∠∣∤∥∦∧∨∩∪∫∴∵≄≅≆≇≈≉≔≕≠≡≢≤≥≪≫"
    U"⊂⊃⊆⊇⊕⊗⊙⊢⊣⊤⊥⊨⋄⋅⋆⋮⋯◌"
    // technical
    U"⌃⌄⌈⌉⌊⌋⌘⌥⌦⌫⎇⎈⎋⎯⎿⏎⏏⏱⏲⏸⏹⏺␀␊␍␠␣"
    // circled numbers
    U"①②③④⑤⑥⑦⑧⑨⑩"
    // geometric shapes
    U"■□▢▪▫▬▮▯▲△▶▷▸►▼▽▾◀◁◂◄◆◇◈◉◊○◎●◐◑◒◓◔◢◣◤◥◦◯◼"
    // symbols and dingbats
    U"☀☁★☆☐☑☒☛☞☠☰☹☺♀♂♠♣♥♦♪♫♯♻⚐⚑⚓⚖⚙⚛⚠"
    U"✆✈✉✏✐✓✔✕✖✗✘✢✦✧✳✶✻✽❀❏❖❘❤❮❯"
    // Braille spinners, Powerline
    U"⠇⠋⠏⠙⠦⠧⠴⠸⠹⠼⡿⢿⣟⣧⣯⣷⣻⣽⣾⣿\uE0A0\uE0B0\uE0B1\uE0B2\uE0B3";

constexpr std::u32string_view kWide =
    // East Asian punctuation
    U"\u3000、。〈〉《》「」『』【】〜！（），．：；？～"
    // emoji of the basic plane
    U"⌚⌛⏬⏰⏳⚡⚪⚫⛔✅✊✋✨❌❎❓❔❕❗➕➖➗➰⬛⬜⭐⭕"
    // emoji beyond it
    U"🌍🌐🌟🌱🎉🎓🎨🎯🏁🏆🏠🐍🐛👀👉👋👌👍👎👏👑💡💥💪💬💭💯💰💻💾"
    U"📁📂📄📅📈📉📊📋📌📍📎📏📖📚📝📞📢📦🔁🔄🔍🔎🔐🔑🔒🔔🔗🔥🔧🔨🔬🔴🔵🔶"
    U"😀😊😍🙂🙏🚀🚧🚨🚫🛑🛡🛠🟠🟡🟢🟣🤔🤖🤝🦀🧠🧩🧪🧭🧱";

bool is_wide(char32_t character) {
  return utf8proc_charwidth(static_cast<utf8proc_int32_t>(character)) == 2;
}

/// Puts characters into groups, each once.
class Collector {
 public:
  /// Characters of this group's width that no group has yet.
  void add(AtlasGroup& group, char32_t character) {
    if (character == U' ' || is_wide(character) != group.wide || !seen_.insert(character).second) return;
    group.characters += character;
  }
  void add(AtlasGroup& group, std::u32string_view characters) {
    for (const char32_t character : characters) add(group, character);
  }
  void add(AtlasGroup& group, std::span<const Range> ranges) {
    for (const Range& range : ranges) {
      for (char32_t character = range.first; character <= range.last; ++character)
        add(group, character);
    }
  }

 private:
  std::unordered_set<char32_t> seen_;
};

/// The 6,763 hanzi of GB 2312, the 3,755 commonest before the others.
std::u32string gb2312_hanzi() {
  const iconv_t converter = iconv_open("UTF-32LE", "GB2312");
  if (converter == iconv_t(-1)) {
    throw Error(ErrorCode::unsupported, "iconv has no GB2312: install the complete package libc6");
  }
  std::u32string hanzi;
  for (int row = 16; row <= 87; ++row) {
    for (int cell = 1; cell <= 94; ++cell) {
      char bytes[] = {char(0xA0 + row), char(0xA0 + cell)};
      char32_t character = 0;
      char *in = bytes, *out = reinterpret_cast<char*>(&character);
      std::size_t in_left = sizeof bytes, out_left = sizeof character;
      if (iconv(converter, &in, &in_left, &out, &out_left) != std::size_t(-1)) hanzi += character;
      iconv(converter, nullptr, nullptr, nullptr, nullptr);  // five cells are empty
    }
  }
  iconv_close(converter);
  return hanzi;
}

}  // namespace

std::vector<AtlasGroup> atlas_characters() {
  Collector collector;
  AtlasGroup common{.wide = false, .characters = {}}, common_wide{.wide = true, .characters = {}};
  collector.add(common, U"\n\t");
  for (AtlasGroup* group : {&common, &common_wide}) {
    collector.add(*group, kRanges);
    collector.add(*group, kNarrow);
    collector.add(*group, kWide);
    collector.add(*group, kWideRanges);
    collector.add(*group, gb2312_hanzi());
  }
  std::vector<AtlasGroup> groups{common, {false, {}}, {false, {}}, common_wide, {true, {}}, {true, {}}, {true, {}}};
  collector.add(groups[1], kSigns);
  collector.add(groups[2], kScripts);
  collector.add(groups[4], kHanzi);
  collector.add(groups[5], kHangul);
  collector.add(groups[6], kWideSigns);
  return groups;
}

}  // namespace fovea
