package org.sallyport.engine.service;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Set;
import java.util.concurrent.Executor;
import org.junit.jupiter.api.Test;
import org.sallyport.BackEndKind;
import org.sallyport.CompileOptions;
import org.sallyport.Config;
import org.sallyport.GuestFrame;
import org.sallyport.NoBackEndException;
import org.sallyport.codegen.NativeCodeGenerator;
import org.sallyport.loader.BinaryLoader;
import org.sallyport.spi.BackEnd;
import org.sallyport.spi.CompileBudget;
import org.sallyport.spi.ObjectBackEnd;
import org.sallyport.spi.ObjectCode;
import org.sallyport.spi.ValidModule;
import org.sallyport.validator.ModuleValidator;
import org.sallyport.wasm.Feature;

class BackEndChoiceTest {
    private record Fake(String target, int preference, boolean isUsable) implements ObjectBackEnd {
        @Override
        public ObjectCode compile(
                String name, ValidModule module, CompileOptions options, CompileBudget budget, Executor executor) {
            throw new AssertionError("nothing is compiled here");
        }

        @Override
        public List<GuestFrame> backtrace() {
            return List.of();
        }

        @Override
        public List<GuestFrame> backtrace(Throwable thrown) {
            return List.of();
        }

        @Override
        public String fingerprint() {
            return target;
        }

        @Override
        public Set<Feature> features() {
            return Set.of();
        }
    }

    private static final BackEnd PORTABLE = new Fake("portable", BackEnd.PORTABLE, true);
    private static final BackEnd FAST = new Fake("fast", BackEnd.NATIVE, true);
    private static final BackEnd OTHER = new Fake("other", BackEnd.NATIVE, true);
    private static final BackEnd FOREIGN = new Fake("foreign", BackEnd.NATIVE, false);

    @Test
    void takesTheUsableOneOfTheHighestPreference() {
        assertThat(BackEndChoice.of(List.of(PORTABLE, FOREIGN, FAST), BackEndKind.AUTOMATIC)).isSameAs(FAST);
        assertThat(BackEndChoice.of(List.of(FOREIGN, PORTABLE), BackEndKind.AUTOMATIC)).isSameAs(PORTABLE);
        List<BackEnd> both = List.of(PORTABLE, new NativeCodeGenerator());
        assertThat(BackEndChoice.of(both, BackEndKind.AUTOMATIC)).isInstanceOf(NativeCodeGenerator.class);
    }

    @Test
    void takesTheKindThatIsAskedFor() {
        List<BackEnd> both = List.of(PORTABLE, new NativeCodeGenerator());
        assertThat(BackEndChoice.of(both, BackEndKind.PORTABLE)).isSameAs(PORTABLE);
        assertThat(BackEndChoice.of(both, BackEndKind.NATIVE)).isInstanceOf(NativeCodeGenerator.class);
        assertThatThrownBy(() -> BackEndChoice.of(List.of(PORTABLE), BackEndKind.NATIVE))
                .isInstanceOf(NoBackEndException.class)
                .hasMessageContaining("--enable-native-access")
                .hasMessageContaining("portable");
    }

    @Test
    void amongEqualsTheFirstWhichForServicesIsTheHighestRanked() {
        assertThat(BackEndChoice.of(List.of(FAST, OTHER), BackEndKind.AUTOMATIC)).isSameAs(FAST);
        assertThat(BackEndChoice.ofServices(List.of(FAST, OTHER), BackEndKind.AUTOMATIC))
                .as("in ascending order of ranking")
                .isSameAs(OTHER);
    }

    @Test
    void saysWhatThereIsWhenNoneIsUsable() {
        assertThatThrownBy(() -> BackEndChoice.of(List.of(), BackEndKind.AUTOMATIC))
                .isInstanceOf(NoBackEndException.class)
                .hasMessageContaining("no back end");
        assertThatThrownBy(() -> BackEndChoice.of(List.of(FOREIGN, FOREIGN), BackEndKind.AUTOMATIC))
                .isInstanceOfSatisfying(NoBackEndException.class, e -> {
                    assertThat(e).hasMessageContaining("foreign, foreign");
                    assertThat(e.unusable()).containsExactly("foreign", "foreign");
                });
    }

    @Test
    void machineCodeNeedsAnAllocator() {
        assertThatThrownBy(() -> Engines.make(
                        Config.defaults(), new BinaryLoader(), new ModuleValidator(), new NativeCodeGenerator(), null))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("InstanceAllocator");
    }
}
