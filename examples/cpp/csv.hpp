// Reads a CSV file into columns by name, for the examples. An application has its data already.
#pragma once

#include <charconv>
#include <cstddef>
#include <fstream>
#include <limits>
#include <map>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include <custfolio/custfolio.hpp>

namespace example {

/// The cells of a CSV file, by the names in its first line.
class Csv {
  public:
    explicit Csv(const std::string& path) : path_(path) {
        std::ifstream file(path);
        if (!file) throw std::runtime_error("cannot open '" + path + "'");
        std::string line;
        std::getline(file, line);
        const std::vector<std::string> names = cells(line);
        while (std::getline(file, line)) {
            const std::vector<std::string> row = cells(line);
            if (row.size() != names.size()) fail(line, std::to_string(names.size()) + " cells");
            for (std::size_t k = 0; k < row.size(); ++k) columns_[names[k]].push_back(row[k]);
        }
    }

    [[nodiscard]] const std::vector<std::string>& texts(const std::string& name) const {
        const auto found = columns_.find(name);
        if (found == columns_.end()) fail(name, "a column of the file");
        return found->second;
    }

    /// Numbers; an empty cell is NaN.
    [[nodiscard]] std::vector<double> numbers(const std::string& name) const {
        std::vector<double> values;
        for (const std::string& cell : texts(name)) {
            values.push_back(cell.empty() ? std::numeric_limits<double>::quiet_NaN() : number<double>(cell));
        }
        return values;
    }

    /// Days, written as 2021-12-31.
    [[nodiscard]] std::vector<custfolio::DayNumber> days(const std::string& name) const {
        std::vector<custfolio::DayNumber> values;
        for (const std::string& cell : texts(name)) {
            if (cell.size() != 10) fail(cell, "a day such as 2021-12-31");
            const std::string_view text = cell;
            const std::chrono::year_month_day date{std::chrono::year{number<int>(text.substr(0, 4))},
                                                   std::chrono::month{number<unsigned>(text.substr(5, 2))},
                                                   std::chrono::day{number<unsigned>(text.substr(8, 2))}};
            values.push_back(custfolio::DayNumber(std::chrono::sys_days{date}.time_since_epoch().count()));
        }
        return values;
    }

  private:
    [[noreturn]] void fail(std::string_view found, const std::string& right) const {
        throw std::runtime_error(path_ + ": '" + std::string(found) + "' is not " + right);
    }

    template <class Number>
    [[nodiscard]] Number number(std::string_view text) const {
        Number value{};
        const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
        if (error != std::errc{} || end != text.data() + text.size()) fail(text, "a number");
        return value;
    }

    /// Cells of a line; a cell in quotes may have commas, and two quotes for one.
    static std::vector<std::string> cells(const std::string& line) {
        std::vector<std::string> found(1);
        bool quoted = false;
        for (std::size_t k = 0; k < line.size(); ++k) {
            if (line[k] == '"' && quoted && k + 1 < line.size() && line[k + 1] == '"') {
                found.back() += line[k++];
            } else if (line[k] == '"') {
                quoted = !quoted;
            } else if (line[k] == ',' && !quoted) {
                found.emplace_back();
            } else {
                found.back() += line[k];
            }
        }
        return found;
    }

    std::string path_;
    std::map<std::string, std::vector<std::string>> columns_;
};

}  // namespace example
