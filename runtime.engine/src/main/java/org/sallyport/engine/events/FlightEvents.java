package org.sallyport.engine.events;

import jdk.jfr.Category;
import jdk.jfr.DataAmount;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;

import org.jspecify.annotations.Nullable;
import org.sallyport.GuestException;
import org.sallyport.GuestFrame;
import org.sallyport.GuestInterruptedException;
import org.sallyport.GuestSample;
import org.sallyport.Module;
import org.sallyport.OutOfFuelException;
import org.sallyport.TrapException;
import org.sallyport.spi.CompiledModule;
import org.sallyport.wasm.WasmModule;

/**
 * Events of the JDK's Flight Recorder. Where it is not part of the Java that runs, or has not been started, nothing of
 * it is loaded and nothing happens.
 */
public final class FlightEvents {
    /** A compilation. */
    @Name("org.sallyport.Compile")
    @Label("WebAssembly Compilation")
    @Category("Sallyport")
    public static final class Compile extends Event {
        @Label("Module")
        @Nullable String module;

        @Label("Binary Size")
        @DataAmount
        long binarySize;

        @Label("Code Size")
        @DataAmount
        long codeSize;

        @Label("Functions")
        int functions;

        @Label("In the Background")
        @Description("All of a module that could be called before")
        boolean background;

        @Label("Failure")
        @Description("Why the module stays as it was; empty if it does not")
        @Nullable String failure;
    }

    /** An instantiation, its start function included. */
    @Name("org.sallyport.Instantiate")
    @Label("WebAssembly Instantiation")
    @Category("Sallyport")
    public static final class Instantiate extends Event {
        @Label("Module")
        @Nullable String module;
    }

    /** A collection of a store's structures and arrays, for which the guest paused. */
    @Name("org.sallyport.GarbageCollection")
    @Label("WebAssembly Garbage Collection")
    @Category("Sallyport")
    public static final class GarbageCollection extends Event {
        @Label("Whole Heap")
        @Description("All that nobody reached was found, rather than what was made since the last collection")
        boolean whole;

        @Label("Step")
        @Description("Beside what was made since the last collection, a part of the whole heap was looked through")
        boolean step;

        @Label("Live")
        @DataAmount
        long live;

        @Label("Heap Size")
        @DataAmount
        long heapSize;
    }

    /** A call that ended by a trap or an interruption, or because its fuel was used up. */
    @Name("org.sallyport.Trap")
    @Label("WebAssembly Trap")
    @Description("A guest broke a rule, was stopped from outside, or used up its fuel")
    @Category("Sallyport")
    static final class Trap extends Event {
        @Label("Reason")
        @Nullable String reason;

        @Label("Module")
        @Nullable String module;

        @Label("Function")
        @Nullable String function;

        @Label("Offset")
        @Description("Of the instruction in the binary")
        int offset;
    }

    /** Where a guest was when a profiler looked. */
    @Name("org.sallyport.GuestSample")
    @Label("WebAssembly Sample")
    @Description("Where a guest was when a profiler looked; only while one of the engine's does")
    @Category("Sallyport")
    @StackTrace(false)
    static final class Sample extends Event {
        @Label("Module")
        @Nullable String module;

        @Label("Function")
        @Nullable String function;

        @Label("Offset")
        @Description("Of the instruction in the binary")
        int offset;

        @Label("Guest Thread")
        @Nullable String guestThread;

        @Label("Frames")
        @Description("From the youngest on, a line for each: module!function @ offset")
        @Nullable String frames;
    }

    private FlightEvents() {}

    public static void sampled(GuestSample sample) {
        if (!areOn()) {
            return;
        }
        Sample event = new Sample();
        if (event.shouldCommit()) {
            GuestFrame frame = sample.frames().getFirst();
            event.module = frame.module();
            event.function = frame.functionName();
            event.offset = frame.offset();
            event.guestThread = sample.thread();
            event.frames = lines(sample);
            event.commit();
        }
    }

    /** Without a call site, as all here: this class is reached when there may be no heap for linking one. */
    private static String lines(GuestSample sample) {
        StringBuilder lines = new StringBuilder();
        for (GuestFrame frame : sample.frames()) {
            lines.append(lines.isEmpty() ? "" : "\n").append(frame);
        }
        return lines.toString();
    }

    /** Whether to make events at all. */
    public static boolean areOn() {
        return FlightRecording.isOn();
    }

    public static @Nullable Compile beginCompile() {
        if (!areOn()) {
            return null;
        }
        Compile event = new Compile();
        event.begin();
        return event;
    }

    /** @param code of all functions, where there is machine code of them already */
    public static void end(@Nullable Compile event, Module module, @Nullable CompiledModule code) {
        end(event, module, code, "");
    }

    /** @param failure empty if there was none */
    public static void endBackground(
            @Nullable Compile event, Module module, @Nullable CompiledModule code, String failure) {
        if (event != null) {
            event.background = true;
            end(event, module, code, failure);
        }
    }

    private static void end(
            @Nullable Compile event, Module module, @Nullable CompiledModule code, String failure) {
        if (event != null && event.shouldCommit()) {
            event.module = module.name();
            WasmModule wasm = module.validModule().module();
            event.binarySize = wasm.binary().length;
            event.codeSize = code == null ? 0 : code.code().length;
            event.functions = wasm.bodies().size();
            event.failure = failure;
            event.commit();
        }
    }

    public static @Nullable Instantiate beginInstantiate() {
        if (!areOn()) {
            return null;
        }
        Instantiate event = new Instantiate();
        event.begin();
        return event;
    }

    public static void end(@Nullable Instantiate event, Module module) {
        if (event != null && event.shouldCommit()) {
            event.module = module.name();
            event.commit();
        }
    }

    public static @Nullable GarbageCollection beginCollection() {
        if (!areOn()) {
            return null;
        }
        GarbageCollection event = new GarbageCollection();
        event.begin();
        return event;
    }

    public static void end(@Nullable GarbageCollection event, boolean whole, boolean step, long live, long heapSize) {
        if (event != null && event.shouldCommit()) {
            event.whole = whole;
            event.step = step;
            event.live = live;
            event.heapSize = heapSize;
            event.commit();
        }
    }

    private static String reason(GuestException exception) {
        if (exception instanceof TrapException trap) {
            return trap.code().text();
        }
        if (exception instanceof OutOfFuelException) {
            return "FUEL";
        }
        return exception instanceof GuestInterruptedException stop
                ? stop.reason().name()
                : exception.getClass().getSimpleName();
    }

    /** @return the exception */
    public static <T extends GuestException> T ended(T exception) {
        if (areOn()) {
            Trap event = new Trap();
            if (event.shouldCommit()) {
                event.reason = reason(exception);
                if (!exception.frames().isEmpty()) {
                    GuestFrame frame = exception.frames().getFirst();
                    event.module = frame.module();
                    event.function = frame.functionName();
                    event.offset = frame.offset();
                }
                event.commit();
            }
        }
        return exception;
    }
}
