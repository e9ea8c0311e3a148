package org.sallyport.itests.real;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.sallyport.Config;
import org.sallyport.Engine;
import org.sallyport.LinkException;
import org.sallyport.Linker;
import org.sallyport.Module;
import org.sallyport.Store;
import org.sallyport.itests.inputs.RealInputs;
import org.sallyport.itests.real.DprintPlugin.Formatted;
import org.sallyport.itests.real.DprintPlugin.Outcome;

/** dprint's formatters do here what they do in dprint. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class DprintTest {
    private Engine engine;
    private Module json;

    @BeforeAll
    void compile() {
        engine = Engine.create(config());
        json = engine.compile(RealInputs.dprintJson(), "json.wasm");
    }

    Config config() {
        return Config.defaults();
    }

    Engine engine() {
        return engine;
    }

    @AfterAll
    void close() {
        if (engine != null) {
            engine.close();
        }
    }

    @ParameterizedTest
    @CsvSource({
        "nested.json,    CHANGED",
        "comments.json,  CHANGED",
        "generated.json, CHANGED",
        "unchanged.json, UNCHANGED",
        "broken.json,    ERROR",
    })
    void formatsJson(String name, Outcome outcome) {
        formats(json, name, outcome);
    }

    @ParameterizedTest
    @CsvSource({"tables.toml, CHANGED", "broken.toml, ERROR"})
    void formatsToml(String name, Outcome outcome) {
        try (Module toml = engine.compile(RealInputs.dprintToml(), "toml.wasm")) {
            formats(toml, name, outcome);
        }
    }

    private void formats(Module module, String name, Outcome outcome) {
        try (Store store = engine.newStore()) {
            DprintPlugin plugin = DprintPlugin.in(store, module);

            assertThat(plugin.diagnostics()).isEqualTo("[]");
            for (int round = 0; round < 3; round++) {
                assertThat(plugin.format("/x/" + name, Texts.read("dprint/" + name + ".in")))
                        .isEqualTo(new Formatted(outcome, Texts.read("dprint/" + name + ".out")));
            }
        }
    }

    @Test
    void settingsAreFollowedAndComplainedAbout() {
        try (Store store = engine.newStore()) {
            DprintPlugin plugin = new DprintPlugin(
                    engine.newLinker().link(json).instantiate(store), "{\"indentWidth\":8,\"nonsense\":1}");

            assertThat(plugin.diagnostics()).contains("\"propertyName\":\"nonsense\"").contains("Unknown property");
            assertThat(plugin.info()).contains("\"name\":\"dprint-plugin-json\"").contains("\"version\":\"0.24.0\"");
        }
        try (Store store = engine.newStore()) {
            DprintPlugin plugin =
                    new DprintPlugin(engine.newLinker().link(json).instantiate(store), "{\"indentWidth\":8}");

            assertThat(plugin.format("a.json", "{\n\"a\":1}").text()).isEqualTo("{\n        \"a\": 1\n}\n");
        }
    }

    /** The plugin's memory is its own: what one instance was told, another one does not know. */
    @Test
    void instancesAreApart() {
        try (Store one = engine.newStore();
                Store other = engine.newStore()) {
            DprintPlugin first = DprintPlugin.in(one, json);
            DprintPlugin second = DprintPlugin.in(other, json);

            assertThat(first.format("a.json", "{ broken").outcome()).isEqualTo(Outcome.ERROR);
            assertThat(second.format("a.json", "[1,2]").text()).isEqualTo("[1, 2]\n");
            assertThat(first.format("a.json", "[1,2]").text()).isEqualTo("[1, 2]\n");
        }
    }

    @Test
    void markdownPluginHasTheHostFormatItsCodeBlocks() {
        try (Module markdown = engine.compile(RealInputs.dprintMarkdown(), "markdown.wasm");
                Store outer = engine.newStore();
                Store inner = engine.newStore()) {
            Linker linker = engine.newLinker();
            new DprintPlugin.Host(DprintPlugin.in(inner, json)).addTo(linker);
            DprintPlugin plugin = new DprintPlugin(linker.link(markdown).instantiate(outer));

            assertThat(plugin.format("mixed.md", Texts.read("dprint/mixed.md.in")))
                    .isEqualTo(new Formatted(Outcome.CHANGED, Texts.read("dprint/mixed.md.out")));
        }
    }

    @Test
    void markdownPluginDoesNotLinkWithoutItsHost() {
        try (Module markdown = engine.compile(RealInputs.dprintMarkdown(), "markdown.wasm")) {
            assertThatThrownBy(() -> engine.newLinker().link(markdown))
                    .isInstanceOfSatisfying(LinkException.class, e -> assertThat(e.gaps())
                            .extracting(gap -> gap.wanted().name())
                            .containsExactlyInAnyOrder(
                                    "host_format",
                                    "host_get_formatted_text",
                                    "host_get_error_text",
                                    "host_write_buffer"));
        }
    }
}
