package org.sallyport.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.lang.management.ManagementFactory;

import com.sun.management.ThreadMXBean;
import org.junit.jupiter.api.Test;
import org.sallyport.Caller;
import org.sallyport.Instance;
import org.sallyport.Memory;

/** Calls in and out of the guest allocate nothing once they are compiled. */
class AllocationTest {
    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    private static final int CALLS = 100_000;

    /** Bound to an instance. */
    public interface Bound {
        double mix(int a, long b, float c, double d);
    }

    private interface Body {
        void run() throws Throwable;
    }

    @SuppressWarnings("unused")
    private static double host(Caller caller, int a, long b, float c, double d) {
        Memory memory = caller.memory();
        memory.setInt(0, memory.getInt(0) + a);
        return a + b + c + d;
    }

    private static void allocatesNothing(String what, Body body) throws Throwable {
        double least = Double.MAX_VALUE;
        for (int round = 0; round < 20 && least > 0.1; round++) {
            long before = THREADS.getCurrentThreadAllocatedBytes();
            for (int i = 0; i < CALLS; i++) {
                body.run();
            }
            least = Math.min(least, (double) (THREADS.getCurrentThreadAllocatedBytes() - before) / CALLS);
        }
        assertThat(least).as("bytes per %s", what).isLessThan(0.1);
    }

    @Test
    void callsAllocateNothing() throws Throwable {
        try (Fixture f = new Fixture()) {
            f.linker.define("h", "host", MethodHandles.lookup().findStatic(
                    AllocationTest.class,
                    "host",
                    MethodType.methodType(
                            double.class, Caller.class, int.class, long.class, float.class, double.class)));
            Instance instance = f.instantiate("""
                    (module (import "h" "host" (func $h (param i32 i64 f32 f64) (result f64)))
                      (memory (export "memory") 1)
                      (func (export "mix") (param i32 i64 f32 f64) (result f64)
                        (call $h (local.get 0) (local.get 1) (local.get 2) (local.get 3)))
                      (func (export "nothing")))
                    """);
            Bound bound = instance.bind(Bound.class);
            allocatesNothing("bound call with a host call", () -> bound.mix(1, 2, 3, 4));
            MethodHandle nothing = instance.func("nothing").handle();
            allocatesNothing("call by handle", () -> {
                nothing.invokeExact();
            });
            Memory memory = instance.memory("memory");
            assertThat(memory.getInt(0)).isPositive();
        }
    }
}
