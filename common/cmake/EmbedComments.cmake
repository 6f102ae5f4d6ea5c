# Writes OUT: the generated code GENERATED of a .proto together with its comments (the descriptor set SET), so that
# whoever links the message can print them (run with cmake -P). In one file: an object of its own would not be linked.
file(READ ${SET} HEX HEX)
string(REGEX REPLACE "(................................................................)" "\\1\"\n    \"" HEX "${HEX}")
string(REGEX REPLACE "([0-9a-f][0-9a-f])" "\\\\x\\1" HEX "${HEX}")
file(WRITE ${OUT} "#include \"${GENERATED}\"
#include \"common/config/comments.h\"
namespace {
constexpr char kComments[] =
    \"${HEX}\";
const yilian::config::EmbeddedComments comments(kComments, sizeof(kComments) - 1);
}  // namespace
")
