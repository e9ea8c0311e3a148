package org.sallyport.cli;

import java.math.BigDecimal;
import java.time.Duration;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Numbers with a unit, as people write them on command lines. */
final class Quantity {
    private static final Pattern NUMBER = Pattern.compile("(\\d+(?:\\.\\d+)?)\\s*([a-z]*)");

    private Quantity() {}

    /**
     * A number of bytes: {@code 4096}, {@code 64k}, {@code 64KiB}, {@code 1.5G}. Units are powers of 1024.
     *
     * @throws IllegalArgumentException says what is allowed
     */
    static long bytes(String text) {
        Matcher number = match(text, "a size such as 65536, 64k, 512MiB or 2G");
        long unit =
                switch (number.group(2)) {
                    case "", "b" -> 1L;
                    case "k", "kb", "kib" -> 1L << 10;
                    case "m", "mb", "mib" -> 1L << 20;
                    case "g", "gb", "gib" -> 1L << 30;
                    case "t", "tb", "tib" -> 1L << 40;
                    default -> throw wrong(text, "a size such as 65536, 64k, 512MiB or 2G");
                };
        double bytes = Double.parseDouble(number.group(1)) * unit;
        if (bytes > Long.MAX_VALUE / 2) {
            throw wrong(text, "a size below 4 EiB");
        }
        return (long) bytes;
    }

    /**
     * A span of time: {@code 2}, {@code 2s}, {@code 500ms}, {@code 1.5m}, {@code 1h}; seconds without a unit.
     *
     * @throws IllegalArgumentException says what is allowed
     */
    static Duration duration(String text) {
        Matcher number = match(text, "a time such as 2s, 500ms or 1.5m");
        double unit =
                switch (number.group(2)) {
                    case "ns" -> 1;
                    case "us" -> 1e3;
                    case "ms" -> 1e6;
                    case "", "s" -> 1e9;
                    case "m", "min" -> 60e9;
                    case "h" -> 3600e9;
                    default -> throw wrong(text, "a time such as 2s, 500ms or 1.5m");
                };
        double nanos = Double.parseDouble(number.group(1)) * unit;
        if (nanos > Long.MAX_VALUE / 4) {
            throw wrong(text, "a time below 73 years");
        }
        return Duration.ofNanos((long) nanos);
    }

    /** The same of an option that was given. */
    static Duration duration(String option, Line line) {
        try {
            return duration(line.value(option));
        } catch (IllegalArgumentException e) {
            throw new UsageException(option + ": " + e.getMessage());
        }
    }

    /**
     * A number of things: {@code 5000}, {@code 20k}, {@code 1.5G}. Units are powers of 1000.
     *
     * @throws IllegalArgumentException says what is allowed
     */
    static long count(String text) {
        String wanted = "a number such as 5000, 20k, 3M or 1.5G";
        Matcher number = match(text, wanted);
        long unit =
                switch (number.group(2)) {
                    case "" -> 1L;
                    case "k" -> 1_000L;
                    case "m" -> 1_000_000L;
                    case "g" -> 1_000_000_000L;
                    default -> throw wrong(text, wanted);
                };
        BigDecimal exact = new BigDecimal(number.group(1)).multiply(BigDecimal.valueOf(unit));
        if (exact.compareTo(BigDecimal.valueOf(Long.MAX_VALUE)) >= 0) {
            throw wrong(text, "a number below 2^63");
        }
        return exact.longValue();
    }

    private static Matcher match(String text, String wanted) {
        Matcher matcher = NUMBER.matcher(text.strip().toLowerCase(Locale.ROOT));
        if (!matcher.matches()) {
            throw wrong(text, wanted);
        }
        return matcher;
    }

    private static IllegalArgumentException wrong(String text, String wanted) {
        return new IllegalArgumentException("\"" + HostText.shown(text) + "\" is not " + wanted);
    }
}
