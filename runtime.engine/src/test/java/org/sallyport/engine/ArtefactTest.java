package org.sallyport.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.Random;

import org.junit.jupiter.api.Test;
import org.sallyport.ArtefactKey;
import org.sallyport.Config;
import org.sallyport.Instance;
import org.sallyport.Module;
import org.sallyport.StoreLimits;
import org.sallyport.TrapException;
import org.sallyport.UntrustedArtefactException;
import org.sallyport.wasm.Feature;

class ArtefactTest {
    private static final ArtefactKey KEY = new ArtefactKey(new byte[32]);
    private static final String WAT = """
            (module $m (memory (export "mem") 1) (data (i32.const 3) "abc")
              (table 2 funcref) (elem (i32.const 0) $f)
              (type $t (func (param i32) (result i32)))
              (func $f (export "f") (param i32) (result i32) (i32.load8_u (local.get 0)))
              (func (export "g") (param i32) (result i32) (call_indirect (type $t) (local.get 0) (i32.const 0))))
            """;

    @Test
    void comesBackAsItWas() {
        try (Fixture f = new Fixture()) {
            byte[] artefact = f.compile(WAT).serialize(KEY);
            Module module = f.engine.deserialize(artefact, KEY);
            assertThat(module.name()).isEqualTo("m");
            Instance instance = f.linker.link(module).instantiate(f.store);
            assertThat(instance.func("g").call(4)).containsExactly((int) 'b');
            assertThatThrownBy(() -> instance.func("g").call(-1)).isInstanceOfSatisfying(
                    TrapException.class, e -> assertThat(e.frames()).hasSize(2));
            assertThat(module.serialize(KEY)).isEqualTo(artefact);
        }
        try (Fixture f = new Fixture()) {
            byte[] artefact = f.compile(WAT).serialize(KEY);
            try (Fixture second = new Fixture()) {
                Module module = second.engine.deserialize(artefact, KEY);
                Instance instance = second.linker.link(module).instantiate(second.store);
                assertThat(instance.func("f").call(5)).containsExactly((int) 'c');
            }
        }
    }

    @Test
    void refusesEveryChangedByte() {
        try (Fixture f = new Fixture()) {
            byte[] artefact = f.compile(WAT).serialize(KEY);
            for (int i = 0; i < artefact.length; i++) {
                byte[] changed = artefact.clone();
                changed[i] ^= (byte) (1 << i % 8);
                assertThatThrownBy(() -> f.engine.deserialize(changed, KEY))
                        .isInstanceOf(UntrustedArtefactException.class);
            }
            for (int length = 0; length < artefact.length; length += 7) {
                byte[] cut = Arrays.copyOf(artefact, length);
                assertThatThrownBy(() -> f.engine.deserialize(cut, KEY)).isInstanceOf(UntrustedArtefactException.class);
            }
            byte[] noise = new byte[1000];
            new Random(1).nextBytes(noise);
            assertThatThrownBy(() -> f.engine.deserialize(noise, KEY)).isInstanceOf(UntrustedArtefactException.class);
        }
    }

    @Test
    void refusesOtherKeysAndSettings() {
        try (Fixture f = new Fixture()) {
            byte[] artefact = f.compile(WAT).serialize(KEY);
            byte[] secret = new byte[32];
            secret[31] = 1;
            assertThatThrownBy(() -> f.engine.deserialize(artefact, new ArtefactKey(secret)))
                    .isInstanceOf(UntrustedArtefactException.class)
                    .hasMessageContaining("not made with this key");
            try (Fixture checked = new Fixture(Config.defaults().withExplicitBoundsChecks(true), StoreLimits.DEFAULT)) {
                assertThatThrownBy(() -> checked.engine.deserialize(artefact, KEY))
                        .isInstanceOf(UntrustedArtefactException.class)
                        .hasMessageContaining("withExplicitBoundsChecks(true)");
            }
            try (Fixture counting = new Fixture(Config.defaults().withFuel(true), StoreLimits.DEFAULT)) {
                assertThatThrownBy(() -> counting.engine.deserialize(artefact, KEY))
                        .isInstanceOf(UntrustedArtefactException.class)
                        .hasMessage("the artefact was compiled with Config.withFuel(false), this engine works with"
                                + " Config.withFuel(true); compile the module again with that");
            }
            byte[] sign = f.compile("(module (func (param i32) (result i32) (i32.extend8_s (local.get 0))))")
                    .serialize(KEY);
            Config without = Config.defaults().withoutFeature(Feature.SIGN_EXTENSION);
            try (Fixture old = new Fixture(without, StoreLimits.DEFAULT)) {
                assertThatThrownBy(() -> old.engine.deserialize(sign, KEY))
                        .isInstanceOf(UntrustedArtefactException.class)
                        .hasMessageContaining("SIGN_EXTENSION");
            }
        }
    }
}
