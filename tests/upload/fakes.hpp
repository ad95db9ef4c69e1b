// A spool in memory and a scripted server, both checking what the uploader promises them.
#pragma once
#include <gtest/gtest.h>

#include <deque>
#include <map>
#include <optional>
#include <set>

#include "slices.hpp"
#include "upload/batch_source.hpp"
#include "upload/endpoint.hpp"
#include "upload/transport.hpp"

namespace respand::upload::test {

/// Hands every record out once and notes what became of it.
class MemorySource final : public BatchSource {
  public:
    /// Adds chunks of up to `per_chunk` records of `bytes` each, and tells the uploader if it waits for work.
    void add(std::size_t records, std::size_t per_chunk = 100, std::size_t bytes = 0) {
        while (records > 0) {
            std::vector<std::string> texts;
            for (; texts.size() < per_chunk && records > 0; --records)
                texts.push_back(record(next_id_++, bytes));
            waiting_ += texts.size();
            chunks_.push_back({chunk_of(++next_chunk_, texts), 0});
        }
        if (starved_ && available_) {
            starved_ = false;
            available_();
        }
    }

    void fetch(spool::LaneId, Order order, std::size_t max_records, std::size_t max_bytes,
               std::function<void(std::vector<Slice>)> done) override {
        EXPECT_FALSE(fetching_) << "one fetch at a time";
        EXPECT_GE(max_records, 1U);
        ++fetches;
        std::vector<Slice> slices = order == Order::oldest ? take(max_records, max_bytes) : take_newest();
        if (slices.empty()) starved_ = true;
        if (!hold_fetches) return done(std::move(slices));
        fetching_ = [done = std::move(done), slices = std::move(slices)] { done(slices); };
    }
    /// With hold_fetches: lets the fetch under way end.
    bool finish_fetch() {
        if (!fetching_) return false;
        std::exchange(fetching_, nullptr)();
        return true;
    }

    void settle(std::vector<Settlement> settlements) override {
        for (const Settlement& s : settlements) {
            for (const std::uint64_t id : ids_of(s.slice)) {
                EXPECT_TRUE(settled.try_emplace(id, s).second) << "record " << id << " settled twice";
            }
        }
    }
    void give_back(std::vector<Slice> slices) override {
        for (const Slice& slice : slices)
            for (const std::uint64_t id : ids_of(slice)) {
                EXPECT_FALSE(settled.contains(id)) << "record " << id << " is settled";
                EXPECT_TRUE(given_back.insert(id).second) << "record " << id << " given back twice";
            }
    }
    void on_available(spool::LaneId, std::function<void()> callback) override {
        available_ = std::move(callback);
    }
    std::uint64_t waiting(spool::LaneId) const override { return waiting_; }

    std::size_t added() const { return next_id_; }
    std::size_t count(Settlement::Outcome outcome) const {
        std::size_t sum = 0;
        for (const auto& [id, s] : settled) sum += s.outcome == outcome ? 1 : 0;
        return sum;
    }
    std::size_t delivered() const { return count(Settlement::Outcome::delivered); }
    std::size_t dead() const { return count(Settlement::Outcome::dead); }

    std::map<std::uint64_t, Settlement> settled;
    std::set<std::uint64_t> given_back;
    int fetches = 0;
    bool hold_fetches = false;
    bool offer_newest = false;

  private:
    struct Stored {
        std::shared_ptr<const spool::Chunk> chunk;
        std::uint32_t next;
    };

    std::vector<Slice> take(std::size_t max_records, std::size_t max_bytes) {
        Batch batch;
        while (!chunks_.empty() && max_records > 0) {
            Stored& stored = chunks_.front();
            Batch rest;
            rest.slices.push_back(
                sub_slice(whole(stored.chunk), stored.next,
                          static_cast<std::uint32_t>(stored.chunk->records()) - stored.next));
            const Batch front = take_front(rest, max_records, max_bytes);
            if (!batch.slices.empty() && front.bytes() > max_bytes) break;
            batch.slices.push_back(front.slices.front());
            const std::size_t records = front.records();
            waiting_ -= records;
            max_records -= records;
            max_bytes -= std::min(max_bytes, front.bytes());
            stored.next += static_cast<std::uint32_t>(records);
            if (!rest.slices.empty()) break;
            chunks_.pop_front();
        }
        return batch.slices;
    }

    /// The last chunk when it holds one record, as under light traffic.
    std::vector<Slice> take_newest() {
        if (!offer_newest || chunks_.empty() || chunks_.back().next > 0 ||
            chunks_.back().chunk->records() > 1)
            return {};
        const Slice slice = whole(chunks_.back().chunk);
        chunks_.pop_back();
        --waiting_;
        return {slice};
    }

    std::deque<Stored> chunks_;
    std::uint64_t next_id_ = 0;
    spool::ChunkId next_chunk_ = 0;
    std::uint64_t waiting_ = 0;
    bool starved_ = false;
    std::function<void()> available_;
    std::function<void()> fetching_;
};

/// Holds every request until the test answers it.
class ScriptedTransport final : public Transport {
  public:
    struct Exchange {
        int number = 0;  ///< from 1, in the order of sending
        std::string target;
        std::vector<std::uint64_t> ids;
        std::size_t bytes = 0;
        std::function<void(Reply)> done;
        bool is_bulk() const { return target == upload::target(Endpoint::bulk); }
    };

    void send(Request request, std::function<void(Reply)> done) override {
        ++requests;
        pending.push_back(
            {requests, std::string(request.target), ids_of(request), request.body.size(), std::move(done)});
    }
    void cancel() override {
        ++cancels;
        cancelled = std::exchange(pending, {});
    }
    void set_api_key(std::string) override {}

    /// Answers the oldest request (or the `at`-th oldest).
    void answer(Reply reply, std::size_t at = 0) {
        ASSERT_LT(at, pending.size());
        Exchange exchange = std::move(pending[at]);
        pending.erase(pending.begin() + static_cast<std::ptrdiff_t>(at));
        exchange.done(std::move(reply));
    }
    void answer(int status, std::string body = "", std::size_t at = 0) {
        Reply reply;
        reply.status = status;
        reply.body = std::move(body);
        answer(std::move(reply), at);
    }
    void fail(TransportFault fault, std::size_t at = 0) {
        Reply reply;
        reply.fault = fault;
        reply.detail = "scripted";
        answer(std::move(reply), at);
    }
    void finish_cancelled() {
        for (Exchange& exchange : std::exchange(cancelled, {})) exchange.done({});
    }

    std::deque<Exchange> pending;
    std::deque<Exchange> cancelled;
    int requests = 0;
    int cancels = 0;
};

}  // namespace respand::upload::test
