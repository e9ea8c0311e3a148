package org.sallyport.itests.real;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.sallyport.Engine;
import org.sallyport.LinkException;
import org.sallyport.Module;
import org.sallyport.itests.inputs.RealInputs;

/** A policy that imports its memory. It allows what {@code data.role[input.user] == "admin"}. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class OpaTest {
    private Engine engine;
    private Module module;

    @BeforeAll
    void compile() {
        engine = Engine.create();
        module = engine.compile(RealInputs.opaDemoPolicy(), "demo-policy.wasm");
    }

    @AfterAll
    void close() {
        if (engine != null) {
            engine.close();
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', value = {
        "{'role':{'alice':'admin'}}                 | {'user':'alice'}            | true",
        "{'role':{'alice':'admin','bob':'user'}}    | {'user':'bob'}              | false",
        "{'role':{'alice':'admin'}}                 | {'user':'eve'}              | false",
        "{'role':{'alice':'admin'}}                 | {}                          | false",
        "{}                                         | {'user':'alice'}            | false",
        "{'role':{'日本':'admin'}}                   | {'user':'日本','x':[1.5e3]} | true",
        "{'role':{'a':'admin','a ':'admin '}}       | {'user':'a '}               | false",
        "{'role':{'1':'admin'}}                     | {'user':1}                  | false",
    })
    void decides(String data, String input, boolean allowed) {
        try (OpaPolicy policy = new OpaPolicy(engine, module)) {
            for (int round = 0; round < 50; round++) {
                assertThat(policy.evaluate(data.replace('\'', '"'), input.replace('\'', '"')))
                        .isEqualTo("[{\"result\":" + allowed + "}]");
            }
        }
    }

    @Test
    void tellsItsInterface() {
        try (OpaPolicy policy = new OpaPolicy(engine, module)) {
            assertThat(policy.abi()).isEqualTo(103);
            assertThat(policy.entrypoints()).isEqualTo("{\"opa/wasm/test/allowed\":0}");
            assertThat(policy.builtins()).isEqualTo("{}");
        }
    }

    @Test
    void readsLargeData() {
        StringBuilder roles = new StringBuilder("{\"role\":{\"u0\":\"user\"");
        for (int i = 1; i < 20_000; i++) {
            roles.append(",\"u").append(i).append("\":\"").append(i % 7 == 0 ? "admin" : "user").append('"');
        }
        String data = roles.append("}}").toString();
        try (OpaPolicy policy = new OpaPolicy(engine, module)) {
            assertThat(policy.evaluate(data, "{\"user\":\"u19999\"}")).contains("" + (19999 % 7 == 0));
            assertThat(policy.evaluate(data, "{\"user\":\"u14007\"}")).contains("" + (14007 % 7 == 0));
            assertThatThrownBy(() -> policy.evaluate("{", "{}")).hasMessageContaining("cannot read this JSON");
        }
    }

    @Test
    void memoryIsAnImportLikeAnyOther() {
        assertThatThrownBy(() -> engine.newLinker().link(module))
                .isInstanceOfSatisfying(LinkException.class, e -> assertThat(e.gaps())
                        .anySatisfy(gap -> assertThat(gap.toString())
                                .contains("\"env\" \"memory\": memory min 2 pages of 65536 bytes")));
    }
}
