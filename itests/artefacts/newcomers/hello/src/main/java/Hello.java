import org.sallyport.*;
import org.sallyport.Module;
import org.sallyport.text.Wat;

interface Greeter { String greet(String name); }

void main(String[] names) throws Exception {
    byte[] binary = Wat.compile(Files.readString(Path.of("hello.wat")));
    try (Engine engine = Engine.create(); Module module = engine.compile(binary); Store store = engine.newStore()) {
        IO.println(engine.newLinker().link(module).instantiate(store).bind(Greeter.class).greet(names[0]));
    }
}
