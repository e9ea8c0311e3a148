package org.sallyport.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.Hashtable;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.osgi.framework.FrameworkUtil;
import org.osgi.framework.InvalidSyntaxException;

/** Filters of host modules, beside those of the framework: what the one takes the other takes, and both answer alike. */
class ModuleFilterTest {
    private static final Map<String, Object> PROPERTIES = Map.of(
            "sallyport.module", "log", "level", "info", "Size", 12L, "load", 0.5, "on", true,
            "tags", List.of("a b", "c*d"), "ids", new int[] {1, 2}, "word", 'x', "p", "(a)");

    @ParameterizedTest
    @CsvSource(delimiter = ';', quoteCharacter = '`', value = {
        "(sallyport.module=log) ; true",
        "(sallyport.module=Log) ; false",
        "(SALLYPORT.Module=log) ; true",
        "(sallyport.module~= LOG) ; true",
        "(sallyport.module=l*g) ; true",
        "(sallyport.module=*o*) ; true",
        "(sallyport.module=lo*og) ; false",
        "(nothing=*) ; false",
        "(level=*) ; true",
        "(&(sallyport.module=log)(|(level=warn)(level=info))) ; true",
        "(&(sallyport.module=log)(!(level=info))) ; false",
        "(size>=12) ; true",
        "(size<=11) ; false",
        "(size=012) ; true",
        "(size=a) ; false",
        "(load<=0.5) ; true",
        "(on=TRUE) ; true",
        "(on=yes) ; false",
        "(tags=a b) ; true",
        "(tags=c\\*d) ; true",
        "(tags=c*) ; true",
        "(ids=2) ; true",
        "(ids=3) ; false",
        "(word=x) ; true",
        "(p=\\(a\\)) ; true",
        " ( & ( level = info ) ( on=true ) ) ; false",
        "(&(level =info)( on=true)) ; true",
    })
    void answersAsTheFrameworkDoes(String text, boolean matches) throws InvalidSyntaxException {
        assertThat(FrameworkUtil.createFilter(text).match(new Hashtable<>(PROPERTIES))).as("the framework").isEqualTo(matches);
        assertThat(ModuleFilter.of(text).matches(PROPERTIES)).isEqualTo(matches);
        assertThat(ModuleFilter.of(ModuleFilter.of(text).toString())).isEqualTo(ModuleFilter.of(text));
    }

    @ParameterizedTest
    @CsvSource(delimiter = ';', quoteCharacter = '`', value = {
        "` ` ; expected \"(\" at character 2",
        "a=b ; expected \"(\" at character 1",
        "(a=b ; expected \")\" at character 5",
        "(a=b)) ; expected the end at character 6",
        "(a) ; expected one of = ~= <= >= at character 3",
        "(=b) ; expected the name of a property at character 2",
        "(&) ; expected \"(\" at character 3",
        "(a=(b)) ; expected a value without (, or \\( at character 4",
        "(a=b\\ ; expected a character after \\ at character 6",
    })
    void saysWhatIsWrong(String text, String problem) {
        assertThatIllegalArgumentException().isThrownBy(() -> ModuleFilter.of(text)).withMessageStartingWith(problem);
    }

    @Test
    void depthIsLimited() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> ModuleFilter.of("(!".repeat(10_000) + "(a=b)" + ")".repeat(10_000)))
                .withMessageStartingWith("expected at most 100 filters inside of each other");
    }

    @Test
    void anImportsNameMeansNothing() {
        String name = "a)(b=*(c\\*";
        assertThat(ModuleFilter.module(name).matches(Map.of("sallyport.module", name))).isTrue();
        assertThat(ModuleFilter.module(name).matches(Map.of("sallyport.module", "a", "b", "c"))).isFalse();
    }

    /** Of texts of the characters that mean something: nothing that we take is refused by the framework, answered otherwise. */
    @Property(tries = 3_000)
    void isNoMoreLenientThanTheFramework(@ForAll("texts") String text) {
        ModuleFilter own;
        try {
            own = ModuleFilter.of(text);
        } catch (IllegalArgumentException e) {
            return;
        }
        try {
            assertThat(own.matches(PROPERTIES)).as(text)
                    .isEqualTo(FrameworkUtil.createFilter(text).match(new Hashtable<>(PROPERTIES)));
        } catch (InvalidSyntaxException e) {
            throw new AssertionError(text, e);
        }
    }

    @Provide
    Arbitrary<String> texts() {
        Arbitrary<String> piece = Arbitraries.of(
                "(", ")", "&", "|", "!", "=", "*", "\\", "<=", ">=", "~=", " ", "level", "info", "size", "12", "tags", "a b");
        Arbitrary<String> leaf = piece.list().ofMinSize(1).ofMaxSize(3).map(parts -> "(level=" + String.join("", parts) + ")");
        return Arbitraries.oneOf(
                piece.list().ofMaxSize(9).map(parts -> String.join("", parts)),
                leaf,
                leaf.list().ofMinSize(1).ofMaxSize(3).map(parts -> "(|" + String.join("", parts) + ")"),
                Arbitraries.of(Stream.of("size", "tags", "load", "on", "ids").toList()).flatMap(name ->
                        piece.list().ofMinSize(1).ofMaxSize(3).map(parts -> "(" + name + String.join("", parts) + ")")));
    }
}
