import org.sallyport.*;
import org.sallyport.Module;
import org.sallyport.text.Wat;

interface Calculator { int add(int a, int b); }

void main() {
    String text = "(module (func (export \"add\") (param i32 i32) (result i32) (i32.add (local.get 0) (local.get 1))))";
    try (Engine engine = Engine.create(); Module module = engine.compile(Wat.compile(text)); Store store = engine.newStore()) {
        IO.println(engine.newLinker().link(module).instantiate(store).bind(Calculator.class).add(1, 2));
    }
}
