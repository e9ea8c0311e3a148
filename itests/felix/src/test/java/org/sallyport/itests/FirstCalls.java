package org.sallyport.itests;

import com.acme.itests.Adder;
import java.nio.file.Path;
import org.osgi.framework.Bundle;
import org.sallyport.text.Wat;

/**
 * A process of its own: a framework with a plugin whose grant has {@code timeout=50}, and its first call. Prints how many
 * microseconds that took, and what later ones take.
 */
final class FirstCalls {
    private static final int LATER = 1_000;

    private FirstCalls() {}

    /** @param args framework, policy, folder */
    public static void main(String[] args) throws Exception {
        byte[] wasm = Wat.compile("(module (memory 1) (func (export \"add\") (param i32 i32) (result i32)"
                + " (i32.add (local.get 0) (local.get 1))))");
        String attributes = ";services=\"" + Adder.class.getName() + "\";timeout=50;policy=" + args[1];
        try (EmbeddedHost host = new EmbeddedHost(args[0], Path.of(args[2]))) {
            host.grant("plugin", "first", "offer", "com.acme.itests.*", "timeout", "50");
            Bundle bundle = host.install("first", attributes, wasm);
            bundle.start();
            Adder adder = host.service(Adder.class, "first");
            long first = micros(adder);
            long later = Long.MAX_VALUE;
            for (int i = 0; i < LATER; i++) {
                try {
                    later = Math.min(later, micros(adder));
                } catch (RuntimeException e) { // on a busy machine some call waits for a processor that long
                    System.err.println("a later call: " + e);
                }
            }
            System.out.println("first " + first + " later " + later);
        }
        System.exit(0);
    }

    private static long micros(Adder adder) {
        long begin = System.nanoTime();
        int sum = adder.add(40, 2);
        long end = System.nanoTime();
        if (sum != 42) {
            throw new AssertionError("40 + 2 is " + sum);
        }
        return (end - begin) / 1_000;
    }
}
