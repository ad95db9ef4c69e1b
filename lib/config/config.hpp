// The configuration: one struct with the settings of every part, read from TOML.
#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/log.hpp"
#include "base/result.hpp"
#include "config/api_key.hpp"
#include "config/environment.hpp"
#include "control/control_settings.hpp"
#include "ingest/ingest_settings.hpp"
#include "pipeline/lane_settings.hpp"
#include "pricing/pricing_settings.hpp"
#include "spool/spool_settings.hpp"
#include "upload/upload_settings.hpp"

namespace respand::config {

/// A [[lane]]: which records, and where they go.
struct LaneConfig {
    pipeline::LaneSettings route;
    upload::UploadSettings upload;  ///< of [upload], but for what the lane says itself
    CredentialSources credentials;
};

struct Config {
    ingest::IngestSettings ingest;
    spool::SpoolSettings spool;
    pricing::PricingSettings pricing;
    upload::UploadSettings upload;
    CredentialSources credentials;  ///< [upload] api_key, proxy_password, client_key
    std::vector<LaneConfig> lanes;  ///< in the order of the file
    control::ControlSettings control;
    LogSettings log;
};

/// Bytes. A configuration is a page; more is some other file named by mistake.
inline constexpr std::size_t kMaxConfigBytes = 1 << 20;

/// What is in force when there is no file: a datagram and a stream listener, everything at its default. For a
/// service in /run, /var/lib and /etc (or where systemd's $RUNTIME_DIRECTORY, $STATE_DIRECTORY and
/// $CONFIGURATION_DIRECTORY say), for a person in the XDG base directories.
Config default_config(const Environment& environment);

/// The file to read: `explicit_path` when given (there or not), else respand.toml in the service's or the
/// person's configuration directory. Nothing when there is none.
std::optional<std::string> find_config_file(const Environment& environment,
                                            const std::string& explicit_path = {});

/// Reads TOML. What the text does not name has the environment's default, listeners excepted: each is off
/// when its section is absent. On failure the message has one line for each fault, in the order of the text:
/// "respand.toml:12:1: unknown key 'spool.max_sise'; did you mean 'spool.max_size'?". Never repeats a value
/// that may be a key.
Result<Config> parse_config(std::string_view text, const std::string& file_name,
                            const Environment& environment = {});

/// parse_config on a file.
Result<Config> load_config(const std::string& path, const Environment& environment = {});

/// What a start with this command line and environment uses: the file found, or the defaults.
Result<Config> effective_config(const Environment& environment, const std::string& explicit_path = {});

/// The configuration as TOML that parses back to the same. Names the key's source, never the key.
std::string print_config(const Config& config);

/// Every section and key with default, range and meaning, as Markdown (for the README).
std::string config_reference();

/// For a person (not a service): creates the private directories that the defaults put sockets and spool
/// into, as far as `config` uses them, and refuses one that another user owns or can write to. Does nothing
/// for a service, whose directories are systemd's or the package's business.
Status prepare_user_directories(const Config& config, const Environment& environment);

}  // namespace respand::config
