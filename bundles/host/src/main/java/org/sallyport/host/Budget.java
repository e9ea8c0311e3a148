package org.sallyport.host;

import java.util.Map;
import java.util.TreeMap;

/**
 * What a plugin may use in all, over its instances and calls, beside the limits of one instance and one call. {@code -1} sets no
 * limit, and then nothing is counted for it either.
 *
 * @param enforced whether what is beyond is refused with {@link BudgetExceededException}; else it is told of only
 * @param memoryBytes of all live instances, when a call begins or an instance is made. An instance that is made gets no more than
 *     is left
 * @param instances live ones
 * @param callMillis processor time of one call. Of virtual threads it is the time on the clock, because nobody counts theirs
 * @param minuteMillis processor time of all calls in a minute
 * @param hostCalls in a second
 * @param logLines in a second: calls of host modules with the property {@value #LOG}{@code =true}
 */
public record Budget(
        boolean enforced, long memoryBytes, int instances, long callMillis, long minuteMillis, long hostCalls, long logLines) {
    /** Service property of host modules whose functions write log lines, one each call. */
    public static final String LOG = "sallyport.log";

    public static final Budget NONE = new Budget(false, -1, -1, -1, -1, -1, -1);

    /** The smaller one of each limit; enforced if one that sets any limit is. */
    public Budget and(Budget other) {
        return new Budget(
                enforced || other.enforced,
                smaller(memoryBytes, other.memoryBytes),
                (int) smaller(instances, other.instances),
                smaller(callMillis, other.callMillis),
                smaller(minuteMillis, other.minuteMillis),
                smaller(hostCalls, other.hostCalls),
                smaller(logLines, other.logLines));
    }

    private static long smaller(long one, long other) {
        return one < 0 ? other : other < 0 ? one : Math.min(one, other);
    }

    /** Whether processor time is counted. */
    public boolean isOnTime() {
        return callMillis >= 0 || minuteMillis >= 0;
    }

    /** Its limits by their keys in a grant, and {@code budget} itself; empty if there is none. */
    public Map<String, Object> describe() {
        Map<String, Object> text = new TreeMap<>();
        put(text, "memory", memoryBytes);
        put(text, "instances", instances);
        put(text, "call-cpu", callMillis);
        put(text, "minute-cpu", minuteMillis);
        put(text, "host-calls", hostCalls);
        put(text, "log-lines", logLines);
        if (!text.isEmpty()) {
            text.put("budget", enforced ? "enforce" : "observe");
        }
        return text;
    }

    private static void put(Map<String, Object> text, String key, long limit) {
        if (limit >= 0) {
            text.put("budget." + key, limit);
        }
    }
}
