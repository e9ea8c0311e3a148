package org.sallyport;

import java.io.PrintStream;
import java.io.PrintWriter;
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
    /** Not the exception itself, which anybody could hold locked. Null after it was read from a stream. */
    private final transient Object lock = new Object();
    private transient boolean hasSources;

    protected GuestException(String message, @Nullable Throwable cause, List<GuestFrame> frames) {
        super(message, cause);
        this.frames = List.copyOf(frames);
        if (!frames.isEmpty()) {
            StackTraceElement[] java = super.getStackTrace();
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
     * @return {@code at module!function @ 0x1a (file:line:column)} for each, with what {@link GuestFrame#describe} says of the
     *     source, and at the end how many more there are
     */
    public List<String> backtrace(int most) {
        List<GuestFrame> all = frames();
        List<String> lines = new ArrayList<>();
        for (int i = 0; i < Math.min(most, all.size()); i++) {
            for (String line : all.get(i).describe()) {
                lines.add("at " + line);
            }
        }
        if (all.size() > most) {
            lines.add("… " + (all.size() - most) + " more");
        }
        return lines;
    }

    /** With the source of the guest's frames, as far as it is known; the first call reads it. */
    @Override
    public StackTraceElement[] getStackTrace() {
        addSources();
        return super.getStackTrace();
    }

    @Override
    public void printStackTrace(PrintStream s) {
        addSources();
        super.printStackTrace(s);
    }

    @Override
    public void printStackTrace(PrintWriter s) {
        addSources();
        super.printStackTrace(s);
    }

    /** Once, and only if nobody has set another stack trace. */
    private void addSources() {
        if (lock == null) {
            return;
        }
        synchronized (lock) {
            if (hasSources || frames == null || frames.isEmpty()) {
                return;
            }
            hasSources = true;
        }
        StackTraceElement[] now = super.getStackTrace();
        List<StackTraceElement> merged = new ArrayList<>();
        for (int i = 0; i < frames.size(); i++) {
            if (i >= now.length || !now[i].equals(frames.get(i).toStackTraceElement())) {
                return;
            }
            merged.addAll(frames.get(i).toStackTraceElements());
        }
        merged.addAll(List.of(now).subList(frames.size(), now.length));
        setStackTrace(merged.toArray(new StackTraceElement[0]));
    }

    /** Longer backtraces are cut. */
    public static final int MAX_FRAMES = 64;
}
