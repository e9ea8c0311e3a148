package org.sallyport.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import java.time.Duration;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.sallyport.CallContext;
import org.sallyport.Func;
import org.sallyport.GuestInterruptedException;
import org.sallyport.Instance;
import org.sallyport.wasm.FuncType;
import org.sallyport.wasm.NumType;

/** A stop that ends many calls of guest and host makes one exception, whatever the host functions do with it. */
class DeepStopTest {
    private static final int DEPTH = 200;

    private static final String WAT = """
            (module
              (import "h" "again" (func $again (param i32)))
              (func (export "down") (param i32)
                (if (i32.eqz (local.get 0)) (then (loop (br 0))))
                (call $again (i32.sub (local.get 0) (i32.const 1)))))
            """;

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void makesOneException(boolean wraps) {
        Set<Throwable> seen = Collections.newSetFromMap(new IdentityHashMap<>());
        Func[] down = new Func[1];
        try (Fixture f = new Fixture()) {
            f.linker.define("h", "again", FuncType.of(List.of(NumType.I32)), (_, args) -> {
                try {
                    return down[0].call(args);
                } catch (GuestInterruptedException e) {
                    seen.add(e);
                    if (wraps) {
                        throw new IllegalStateException(e);
                    }
                    throw e;
                }
            });
            Instance instance = f.instantiate(WAT);
            down[0] = instance.func("down");
            Throwable end = catchThrowable(() -> CallContext.withTimeout(
                    Duration.ofMillis(200), () -> down[0].call(DEPTH)));
            assertThat(seen).containsExactly(end);
            assertThat(end).isInstanceOf(GuestInterruptedException.class);
            assertThat(end.getSuppressed()).isEmpty();
        }
    }
}
