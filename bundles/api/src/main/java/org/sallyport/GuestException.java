package org.sallyport;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A call into a guest that did not return normally. The wasm frames are part of the Java stack trace, innermost first.
 */
public abstract sealed class GuestException extends SallyportException
        permits TrapException, GuestInterruptedException, OutOfFuelException, GuestExitException, HostFunctionException,
                WasmException {
    private static final long serialVersionUID = 1;

    private final transient List<GuestFrame> frames;

    protected GuestException(String message, @Nullable Throwable cause, List<GuestFrame> frames) {
        super(message, cause);
        this.frames = List.copyOf(frames);
        if (!frames.isEmpty()) {
            StackTraceElement[] java = getStackTrace();
            StackTraceElement[] merged = new StackTraceElement[frames.size() + java.length];
            for (int i = 0; i < frames.size(); i++) {
                merged[i] = frames.get(i).toStackTraceElement();
            }
            System.arraycopy(java, 0, merged, frames.size(), java.length);
            setStackTrace(merged);
        }
    }

    /** The wasm backtrace, innermost frame first; at most {@value #MAX_FRAMES} frames. */
    public List<GuestFrame> frames() {
        return frames == null ? List.of() : frames;
    }

    /**
     * The innermost frames for people.
     *
     * @param most how many frames
     * @return {@code at module!function @ 0x1a} for each, and at the end how many more there are
     */
    public List<String> backtrace(int most) {
        List<GuestFrame> all = frames();
        List<String> lines = new ArrayList<>();
        for (int i = 0; i < Math.min(most, all.size()); i++) {
            lines.add("at " + all.get(i));
        }
        if (all.size() > most) {
            lines.add("… " + (all.size() - most) + " more");
        }
        return lines;
    }

    /** Longer backtraces are cut. */
    public static final int MAX_FRAMES = 64;
}
