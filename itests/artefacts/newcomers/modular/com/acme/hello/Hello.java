package com.acme.hello;

import java.nio.file.Path;
import org.sallyport.CacheConfig;
import org.sallyport.Config;
import org.sallyport.Engine;
import org.sallyport.GuestExitException;
import org.sallyport.Module;
import org.sallyport.Store;
import org.sallyport.text.Wat;
import org.sallyport.wasi.Wasi;

/** Keeps what is compiled in the folder that is the first argument. */
final class Hello {
    interface Calculator {
        int add(int a, int b);

        void leave(int status);
    }

    public static void main(String[] args) throws Exception {
        byte[] binary = Wat.compile("""
                (module (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
                  (memory (export "memory") 1)
                  (func (export "add") (param i32 i32) (result i32) (i32.add (local.get 0) (local.get 1)))
                  (func (export "leave") (param i32) (call $exit (local.get 0))))
                """);
        Config config = Config.defaults().withCache(CacheConfig.directory(Path.of(args[0])));
        try (Engine engine = Engine.create(config); Module module = engine.compile(binary); Store store = engine.newStore()) {
            try (var _ = Wasi.defaults().attachTo(store)) {
                Calculator calculator = Wasi.defaults().addTo(engine.newLinker()).link(module).instantiate(store)
                        .bind(Calculator.class);
                System.out.println("sum " + calculator.add(1, 2));
                calculator.leave(7);
            } catch (GuestExitException e) {
                System.out.println("left with " + e.status());
            }
            System.out.println("found in the cache " + engine.codeCache().statistics().hits());
        }
    }
}
