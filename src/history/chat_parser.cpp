#include "fovea/error.h"
#include "fovea/history.h"
#include "history/block.h"
#include "history/chat_messages.h"
#include "history/json_parser.h"

namespace fovea {

Message make_message(std::string_view role, std::string_view text, Time time,
                     std::string source_id) {
  if (role.empty())
    throw Error(ErrorCode::invalid_argument, "role: empty; give user, assistant, system or tool");
  return {std::string(role), block(header(role), text), time, std::move(source_id)};
}

struct ChatParser::Impl {
  ChatMessages messages;
};

ChatParser::ChatParser() : impl_(std::make_unique<Impl>()) {}
ChatParser::~ChatParser() = default;
ChatParser::ChatParser(ChatParser&&) noexcept = default;
ChatParser& ChatParser::operator=(ChatParser&&) noexcept = default;

std::optional<Message> ChatParser::parse(std::string_view json, std::string_view name) {
  const ParsedJson parsed = parse_json(json);
  if (!parsed.good())
    throw Error(ErrorCode::invalid_argument,
                std::string(name) + " that cannot be read: " + parsed.reason);
  auto message = impl_->messages.read(parsed.value);
  if (!message)
    throw Error(ErrorCode::invalid_argument,
                std::string(name) +
                    " that is not a message; expected role and content, or an item of "
                    "another chat API");
  if (message->text.empty()) return std::nullopt;
  return message;
}

LeftOut ChatParser::left_out() const { return impl_->messages.left_out(); }

}  // namespace fovea
