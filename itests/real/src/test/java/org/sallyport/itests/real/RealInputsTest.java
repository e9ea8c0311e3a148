package org.sallyport.itests.real;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.sallyport.itests.inputs.RealInputs;

class RealInputsTest {
    private record Input(String name, Supplier<byte[]> bytes) {}

    @TestFactory
    Stream<DynamicTest> areWebAssemblyBinaries() {
        return Stream.of(
                        new Input("dprint json", RealInputs::dprintJson),
                        new Input("dprint toml", RealInputs::dprintToml),
                        new Input("dprint markdown", RealInputs::dprintMarkdown),
                        new Input("quickjs", RealInputs::quickjs),
                        new Input("argon2", RealInputs::argon2),
                        new Input("wat2wasm", RealInputs::wat2wasm),
                        new Input("wast2json", RealInputs::wast2json),
                        new Input("OPA demo policy", RealInputs::opaDemoPolicy))
                .map(input -> DynamicTest.dynamicTest(
                        input.name(), () -> assertThat(input.bytes().get()).startsWith(0, 'a', 's', 'm', 1, 0, 0, 0)));
    }
}
