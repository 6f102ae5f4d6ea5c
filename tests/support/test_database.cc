#include "tests/support/test_database.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <future>
#include <iostream>
#include <random>
#include <sstream>
#include <thread>

#include "absl/synchronization/mutex.h"
#include "absl/time/clock.h"
#include "common/mysql/connection.h"
#include "common/mysql/migrator.h"

namespace yilian::test_support {
namespace {

namespace fs = std::filesystem;

constexpr char kUser[] = "yilian_test";
constexpr char kPassword[] = "for tests only";
// A loaded machine recovers a MySQL data folder in seconds; beyond this something is wrong.
constexpr absl::Duration kStartPatience = absl::Seconds(120);
constexpr int kStartAttempts = 3;

[[noreturn]] void Die(const std::string& message) {
  std::cerr << "TestDatabase: " << message << std::endl;
  std::_Exit(1);
}

std::string Kind() {
  const char* kind = std::getenv("YILIAN_TEST_DB");
  if (kind == nullptr || *kind == 0) return "mariadb";
  if (std::string_view(kind) != "mariadb" && std::string_view(kind) != "mysql") {
    Die(fmt::format("YILIAN_TEST_DB is '{}'; it takes mariadb or mysql", kind));
  }
  return kind;
}

std::string Source(const std::string& path) { return std::string(YILIAN_SOURCE_DIR "/") + path; }

// Exit code and output of a shell command; for our own scripts.
std::pair<int, std::string> Shell(const std::string& command) {
  std::string output;
  FILE* pipe = popen((command + " 2>&1").c_str(), "r");
  if (pipe == nullptr) return {-1, "popen failed"};
  char buffer[4096];
  for (size_t n; (n = fread(buffer, 1, sizeof(buffer), pipe)) > 0;) output.append(buffer, n);
  return {pclose(pipe), output};
}

// Below the ports the kernel hands to outgoing connections, so that it stays free while the server
// is down.
int FreePort() {
  std::minstd_rand random(std::random_device{}());
  for (;;) {
    const int port = std::uniform_int_distribution<int>(20000, 32000)(random);
    const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<uint16_t>(port));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    const bool free = bind(fd, reinterpret_cast<sockaddr*>(&address), sizeof(address)) == 0;
    close(fd);
    if (free) return port;
  }
}

// Folders of test processes that were killed before they could tidy up.
void RemoveLeftovers(const fs::path& parent) {
  std::error_code ignored;
  for (const fs::directory_entry& entry : fs::directory_iterator(parent, ignored)) {
    const std::string name = entry.path().filename();
    int pid = 0;
    if (sscanf(name.c_str(), "yilian-db-%d", &pid) != 1 || pid <= 0) continue;
    if (kill(pid, 0) != 0 && errno == ESRCH) fs::remove_all(entry.path(), ignored);
  }
}

// Starts a process whose parent is a thread that never ends: the kernel's "die with the parent"
// means the thread that forked, and a test's thread may be gone long before its process.
class Starter {
 public:
  static pid_t Start(const std::vector<std::string>& arguments) {
    static Starter* starter = new Starter;
    std::promise<pid_t> started;
    absl::MutexLock call(&starter->call_mutex_);
    {
      absl::MutexLock lock(&starter->mutex_);
      starter->arguments_ = &arguments;
      starter->started_ = &started;
    }
    return started.get_future().get();
  }

 private:
  Starter() {
    std::thread([this] {
      for (;;) {
        absl::MutexLock lock(&mutex_);
        mutex_.Await(absl::Condition(
            +[](Starter* self) { return self->started_ != nullptr; }, this));
        started_->set_value(Spawn(*arguments_));
        started_ = nullptr;
      }
    }).detach();
  }

  static pid_t Spawn(const std::vector<std::string>& arguments) {
    std::vector<char*> argv;
    for (const std::string& argument : arguments)
      argv.push_back(const_cast<char*>(argument.c_str()));
    argv.push_back(nullptr);
    const pid_t pid = fork();
    if (pid != 0) return pid;
    // Not the terminal's Ctrl-C, and none of the signals the test blocks.
    setpgid(0, 0);
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, nullptr);
    execv(argv[0], argv.data());
    _exit(127);
  }

  absl::Mutex call_mutex_;
  absl::Mutex mutex_;
  const std::vector<std::string>* arguments_ = nullptr;
  std::promise<pid_t>* started_ = nullptr;
};

}  // namespace

struct TestDatabase::Server {
  std::string kind = Kind();
  std::string folder;
  std::string ca_file;
  std::string socket;
  int port = 0;
  pid_t owner = getpid();  // a forked child of the test must not tidy up
  pid_t pid = 0;
  std::atomic<int> schemas{0};

  mysql::PoolOptions Options(const std::string& schema) const {
    mysql::PoolOptions options;
    options.socket = socket;
    options.user = kUser;
    options.password = kPassword;
    options.schema = schema;
    return options;
  }

  bool Running() {
    if (pid == 0) return false;
    if (waitpid(pid, nullptr, WNOHANG) == 0) return true;
    pid = 0;
    return false;
  }

  void Stop(int signal) {
    if (pid == 0) return;
    kill(pid, signal);
    waitpid(pid, nullptr, 0);
    pid = 0;
  }

  // True when it answers; false when it ended by itself.
  bool Start(const std::vector<std::string>& extra) {
    std::vector<std::string> arguments = {
        Source("deploy/mysql/" + kind),
        "run",
        folder + "/data",
        "--socket",
        socket,
        "--port",
        std::to_string(port),
        "--init-file",
        folder + "/init.sql",
        "--tls-ca",
        ca_file,
        "--tls-cert",
        folder + "/cert.pem",
        "--tls-key",
        folder + "/key.pem",
        "--log",
        folder + "/server.log",
        "--die-with-parent",
        "--",
        "--innodb-buffer-pool-size=64M",
        "--max-connections=400",
        kind == "mysql" ? "--innodb-redo-log-capacity=32M" : "--innodb-log-file-size=16M"};
    arguments.insert(arguments.end(), extra.begin(), extra.end());
    pid = Starter::Start(arguments);
    for (const absl::Time until = absl::Now() + kStartPatience; absl::Now() < until;) {
      if (mysql::Connection::Open(Options("mysql"), until).ok()) return true;
      if (!Running()) return false;
      absl::SleepFor(absl::Milliseconds(10));
    }
    Stop(SIGKILL);
    return false;
  }

  std::string Log() const {
    std::ostringstream text;
    text << std::ifstream(folder + "/server.log").rdbuf();
    return text.str();
  }
};

TestDatabase::TestDatabase() : server_(std::make_unique<Server>()) {
  const fs::path parent = fs::temp_directory_path();
  RemoveLeftovers(parent);
  server_->folder = parent / fmt::format("yilian-db-{}", getpid());
  fs::remove_all(server_->folder);
  fs::create_directories(server_->folder);
  fs::permissions(server_->folder, fs::perms(0755));
  server_->ca_file = server_->folder + "/ca.pem";
  server_->socket = server_->folder + "/socket/db";
  const auto [code, output] = Shell(fmt::format("'{}' {} '{}'", Source("tests/support/new-datadir"),
                                                server_->kind, server_->folder));
  if (code != 0) Die("no data folder:\n" + output);
  std::ofstream(server_->folder + "/init.sql") << fmt::format(
      "CREATE USER IF NOT EXISTS '{0}'@'%' IDENTIFIED BY '{1}';\n"
      "GRANT ALL PRIVILEGES ON *.* TO '{0}'@'%' WITH GRANT OPTION;\n",
      kUser, kPassword);
  for (int attempt = 1;; ++attempt) {
    server_->port = FreePort();
    if (server_->Start({})) return;
    if (attempt == kStartAttempts) Die("the server does not start; its log:\n" + server_->Log());
  }
}

TestDatabase& TestDatabase::Get() {
  static TestDatabase* database = [] {
    if (const std::string missing = MissingReason(); !missing.empty()) Die(missing);
    auto* made = new TestDatabase;
    static TestDatabase* at_exit = made;
    std::atexit([] {
      Server& server = *at_exit->server_;
      if (server.owner != getpid()) return;
      server.Stop(SIGKILL);
      std::error_code ignored;
      fs::remove_all(server.folder, ignored);
    });
    return made;
  }();
  return *database;
}

std::string TestDatabase::MissingReason() {
  static const std::string* reason = [] {
    if (Kind() != "mysql") return new std::string;
    const auto [code, output] = Shell("'" + Source("deploy/mysql/fetch-mysql") + "'");
    return new std::string(code == 0 ? "" : "no MySQL 9.7 on this machine: " + output);
  }();
  return *reason;
}

mysql::PoolOptions TestDatabase::NewSchema(const std::vector<mysql::Migration>& migrations) {
  const std::string name = fmt::format("test_{}", ++server_->schemas);
  auto connection =
      mysql::Connection::Open(server_->Options("mysql"), absl::Now() + absl::Seconds(10));
  if (!connection.ok()) Die("cannot connect: " + connection.status().ToString());
  const absl::Status made = (*connection)->ExecuteText("test.NewSchema", "CREATE SCHEMA " + name);
  if (!made.ok()) Die("cannot make a schema: " + made.ToString());
  mysql::PoolOptions options = server_->Options(name);
  if (migrations.empty()) return options;
  const absl::Status migrated = mysql::Migrate(options, migrations, nullptr);
  if (!migrated.ok()) Die("cannot migrate: " + migrated.ToString());
  return options;
}

mysql::PoolOptions TestDatabase::OverTls(mysql::PoolOptions options, int port) const {
  options.socket.clear();
  options.host = "127.0.0.1";
  options.port = port == 0 ? server_->port : port;
  options.tls_ca_file = server_->ca_file;
  return options;
}

void TestDatabase::Kill9() { server_->Stop(SIGKILL); }

void TestDatabase::Terminate() { server_->Stop(SIGTERM); }

void TestDatabase::Restart(const std::vector<std::string>& arguments) {
  server_->Stop(SIGTERM);
  if (!server_->Start(arguments))
    Die("the server does not start again; its log:\n" + server_->Log());
}

bool TestDatabase::is_mysql() const { return server_->kind == "mysql"; }
int TestDatabase::port() const { return server_->port; }
const std::string& TestDatabase::ca_file() const { return server_->ca_file; }
const std::string& TestDatabase::folder() const { return server_->folder; }

}  // namespace yilian::test_support
