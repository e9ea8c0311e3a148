package org.sallyport.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.sallyport.Config;
import org.sallyport.Func;
import org.sallyport.Global;
import org.sallyport.LinkedModule;
import org.sallyport.Memory;
import org.sallyport.Module;
import org.sallyport.Store;
import org.sallyport.StoreLimits;
import org.sallyport.Table;
import org.sallyport.TrapException;
import org.sallyport.wasm.AddressType;
import org.sallyport.wasm.GlobalType;
import org.sallyport.wasm.Limits;
import org.sallyport.wasm.NumType;
import org.sallyport.wasm.RefType;
import org.sallyport.wasm.TableType;

class InitialMemoryTest {
    private static String module(String offset, String pages) {
        String block = "0123456789abcdef".repeat(4096); // 64 KiB
        return "(module (memory (export \"m\") " + pages + ")\n"
                + "(data (i32.const 65532) \"late\")\n"
                + "(data (" + offset + ") \"" + block + "\")\n"
                + "(data (i32.const 70000) \"over\")\n"
                + "(data \"passive\")\n"
                + "(func (export \"init\") (memory.init 3 (i32.const 0) (i32.const 0) (i32.const 7)))\n"
                + "(func (export \"active\") (memory.init 1 (i32.const 0) (i32.const 0) (i32.const 1))))";
    }

    private static void checkManyInstances(Fixture f, LinkedModule linked) {
        for (int i = 0; i < 5; i++) {
            try (Store store = f.engine.newStore()) {
                var instance = linked.instantiate(store);
                Memory memory = instance.memory("m");
                assertThat(memory.readString(65532, 4)).isEqualTo("late");
                assertThat(memory.readString(65536, 16)).isEqualTo("0123456789abcdef");
                assertThat(memory.readString(70000, 5)).isEqualTo("over4");
                assertThat(memory.readBytes(0, 65532)).containsOnly(0);
                assertThat(memory.readBytes(131072, 65536)).containsOnly(0);
                memory.writeBytes(65532, new byte[8]);
                memory.setInt(0, -1);
                assertThat(memory.grow(1)).isEqualTo(3);
                memory.setInt(3 * 65536, 7);
                instance.func("init").call();
                assertThat(memory.readString(0, 7)).isEqualTo("passive");
                assertThatThrownBy(() -> instance.func("active").call()).isInstanceOf(TrapException.class);
            }
        }
    }

    @Test
    void imagesAreLikeCopies() {
        for (Config config : new Config[] {Config.defaults(), Config.defaults().withExplicitBoundsChecks(true)}) {
            try (Fixture f = new Fixture(config, StoreLimits.DEFAULT)) {
                var module = (NativeModule) f.compile(module("i32.const 65536", "3"));
                checkManyInstances(f, f.linker.link(module));
                assertThat(module.initialMemory().image(() -> {})).as("an image was used").isNotNull();
            }
        }
    }

    @Test
    void computedOffsetsAreCopied() {
        try (Fixture f = new Fixture()) {
            var module = (NativeModule) f.compile(module("i32.add (i32.const 65535) (i32.const 1)", "3"));
            checkManyInstances(f, f.linker.link(module));
            assertThat(module.initialMemory().image(() -> {})).isNull();
        }
    }

    @Test
    void segmentsThatDoNotFitTrapEveryTime() {
        try (Fixture f = new Fixture()) {
            LinkedModule linked = f.linker.link(f.compile(module("i32.const 65537", "2")));
            for (int i = 0; i < 4; i++) {
                assertThatThrownBy(() -> linked.instantiate(f.store))
                        .isInstanceOf(TrapException.class)
                        .hasMessageContaining("data segment 1");
            }
        }
    }

    /** A memory from the pool may hold the image already when elements are still being copied. */
    @Test
    void anInstanceThatFailsBeforeItsDataIsWrittenShowsNone() {
        try (Fixture f = new Fixture()) {
            Module module = f.compile("(module (import \"h\" \"t\" (table 4 funcref))"
                    + " (import \"h\" \"at\" (global $at i32))"
                    + " (memory 3) (data (i32.const 65536) \"" + "0123456789abcdef".repeat(4096) + "\")"
                    + " (func $peek (result i32) (i32.load (i32.const 65536)))"
                    + " (elem (i32.const 0) func $peek) (elem (global.get $at) func $peek))");
            for (int i = 0; i < 3; i++) {
                assertThat(peek(f, module, 1)).isEqualTo(0x33323130);
            }
            assertThat(peek(f, module, 4)).as("of the instance that failed").isZero();
            assertThat(peek(f, module, 1)).isEqualTo(0x33323130);
        }
    }

    private static int peek(Fixture f, Module module, int at) {
        try (Store store = f.engine.newStore()) {
            Table table = store.newTable(
                    new TableType(AddressType.I32, Limits.atLeast(4), RefType.FUNCREF), null);
            Global global = store.newGlobal(new GlobalType(NumType.I32, false), at);
            LinkedModule linked = f.linker.define("h", "t", table).define("h", "at", global).link(module);
            if (at < 4) {
                linked.instantiate(store);
            } else {
                assertThatThrownBy(() -> linked.instantiate(store)).hasMessageContaining("element segment 1");
            }
            return (int) ((Func) table.get(0)).call()[0];
        }
    }
}
