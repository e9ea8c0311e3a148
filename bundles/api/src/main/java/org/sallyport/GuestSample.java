package org.sallyport;

import java.util.List;

/**
 * Where a guest was when a {@link Profiler} looked: in its own code, not in a host function.
 *
 * @param time on the scale of {@link System#nanoTime}, when the profiler asked
 * @param thread name of the Java thread inside; of a virtual one, too
 * @param frames the youngest first, up to the last host function. Of a function that the compiler copied into another one,
 *     too. Not empty
 * @param compiled which of the frames is the function whose machine code ran: 1 if the first is a copy in it, else 0
 */
public record GuestSample(long time, String thread, List<GuestFrame> frames, int compiled) {
    public GuestSample {
        frames = List.copyOf(frames);
    }

    /** The function whose machine code ran, as profilers of the machine name it. */
    public GuestFrame compiledFrame() {
        return frames.get(compiled);
    }
}
