#include "renderer/atlas_characters.h"

#include <iconv.h>

#include <span>
#include <string_view>

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

void append(std::u32string& characters, std::u32string_view more) {
  for (char32_t character : more) {
    if (characters.find(character) == characters.npos) characters += character;
  }
}

void append(std::u32string& characters, std::span<const Range> ranges) {
  for (const Range& range : ranges) {
    for (char32_t character = range.first; character <= range.last; ++character) {
      append(characters, {&character, 1});
    }
  }
}

/// The 6,763 hanzi of GB 2312, the 3,755 commonest before the others.
std::u32string gb2312_hanzi() {
  const iconv_t converter = iconv_open("UTF-32LE", "GB2312");
  if (converter == iconv_t(-1)) {
    throw Error(ErrorCode::unsupported, "iconv has no GB2312: install the package libc6 whole");
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

std::u32string atlas_characters() {
  std::u32string characters = U"\n\t";
  append(characters, kRanges);
  append(characters, kNarrow);
  append(characters, kWide);
  append(characters, kWideRanges);
  append(characters, gb2312_hanzi());
  return characters;
}

}  // namespace fovea
