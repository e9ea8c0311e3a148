package org.sallyport.itests.real;

import java.io.ByteArrayOutputStream;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.sallyport.Engine;
import org.sallyport.GuestFrame;
import org.sallyport.Module;
import org.sallyport.Profiler;
import org.sallyport.itests.inputs.RealInputs;

/** A process in which QuickJS works for some seconds and is sampled; prints how often each function was at work. */
final class QuickJsProfile {
    private QuickJsProfile() {}

    /** @param args milliseconds */
    public static void main(String[] args) {
        String program = Texts.read("quickjs/benchmark.js");
        Map<String, Integer> counts = new HashMap<>();
        try (Engine engine = Engine.create();
                Module module = engine.compile(RealInputs.quickjs(), "quickjs.wasm")) {
            long end = System.nanoTime() + Duration.ofMillis(Long.parseLong(args[0])).toNanos();
            try (Profiler _ = engine.startProfiler(Duration.ofMillis(1), sample -> {
                GuestFrame frame = sample.compiledFrame();
                counts.merge(frame.module() + "." + frame.functionName(), 1, Integer::sum);
            })) {
                do {
                    try (QuickJs js = new QuickJs(engine, module, new ByteArrayOutputStream())) {
                        js.eval(program);
                    }
                } while (System.nanoTime() - end < 0);
            }
        }
        System.out.println("PID " + ProcessHandle.current().pid());
        counts.forEach((function, count) -> System.out.println("SAMPLES " + count + " " + function));
    }
}
