// One request and its answer. Private to the beast_* files.
#pragma once
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>
#include <functional>
#include <set>

#include "base/log.hpp"
#include "upload/beast_dial.hpp"
#include "upload/beast_pool.hpp"

namespace respand::upload {

class Exchange;

/// What the exchanges of one transport share. Lives as long as one of them.
struct Core {
    explicit Core(asio::io_context& context) : io(context), pool(context) {}

    asio::io_context& io;
    std::shared_ptr<Server> server;
    std::shared_ptr<const Secret> api_key = std::make_shared<const Secret>();
    Pool pool;
    std::set<std::shared_ptr<Exchange>> running;
    LogLimiter odd_answers;
    bool closed = false;
};

/// [dial →] write and read at the same time: a server may answer early (413) and stop reading or close.
/// Handlers hold the exchange and the connection they belong to; a handler of a connection that was given up
/// does nothing.
class Exchange : public std::enable_shared_from_this<Exchange> {
  public:
    Exchange(std::shared_ptr<Core> core, Request request, std::function<void(Reply)> done);
    void start();
    /// `done` gets TransportFault::cancelled soon after, not from inside.
    void cancel();

  private:
    using Parser = boost::beast::http::response_parser<boost::beast::http::string_body>;

    void dial();
    void talk();
    void write();
    void written(Connection& connection, boost::system::error_code error);
    void read();
    void was_read(boost::system::error_code error);
    bool try_once_more(bool heard_nothing, bool timed_out);
    void broken(boost::system::error_code error, bool timed_out, bool heard_nothing);
    void answered(bool body_cut);
    Reply take_reply(bool body_cut);
    bool all_may_have_left() const;
    bool may_have_arrived() const { return copy_may_have_arrived_ || all_may_have_left(); }
    void fail(TransportFault fault, std::string detail);
    void finish(Reply reply);

    std::shared_ptr<Core> core_;
    std::shared_ptr<Server> server_;
    std::shared_ptr<const Secret> key_;
    Request request_;
    std::function<void(Reply)> done_;
    std::shared_ptr<Dial> dial_;
    ConnectionPtr connection_;
    std::optional<Parser> parser_;
    Steady::time_point started_ = Steady::now();
    boost::system::error_code write_error_;
    int interim_answers_ = 0;
    std::size_t bytes_left_ = 0;  ///< of the request on this connection, not yet taken by the system
    bool sending_ = false;        ///< on this connection, or sent
    bool write_done_ = false;
    bool reused_ = false;
    bool finished_ = false;
    bool copy_may_have_arrived_ = false;  ///< an earlier try on a used connection
};

}  // namespace respand::upload
