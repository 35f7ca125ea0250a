//! What expressions are, as bytes: whatever their text looked like.

use super::{Id, Node, Pool};
use rustc_hash::FxHashMap;

impl Pool {
    /// Hands on what `roots` are, byte by byte: their nodes, numbered among themselves, with constants, shapes and data in place of names. Expressions
    /// of two pools that give the same bytes are computed by the same operations in the same order.
    pub(crate) fn meaning(&self, roots: &[Id], take: &mut dyn FnMut(&[u8])) {
        let reachable = self.reachable(roots);
        let place: FxHashMap<Id, usize> = reachable.iter().enumerate().map(|(place, id)| (*id, place)).collect();
        for id in &reachable {
            let (name, own) = match self.node(*id) {
                Node::Constant(q) => ("constant", q.to_string()),
                Node::Pi => ("pi", String::new()),
                Node::Symbol(k) => ("symbol", k.to_string()),
                Node::Param(k) => ("parameter", k.to_string()),
                Node::Data(k) => {
                    self.data()[*k as usize].values().iter().for_each(|x| take(&x.to_bits().to_le_bytes()));
                    ("data", String::new())
                }
                Node::Direction(number, k) => ("direction", format!("{number} {k}")),
                Node::Add(..) => ("add", String::new()),
                Node::Mul(..) => ("mul", String::new()),
                Node::Pow(_, exponent) => ("pow", exponent.to_string()),
                Node::Apply(function, _) => ("apply", format!("{function:?}")),
                Node::Broadcast(..) => ("broadcast", String::new()),
                Node::Stack(..) => ("stack", String::new()),
                Node::Reshape(..) => ("reshape", String::new()),
                Node::Index(_, at) => ("index", at.to_string()),
                Node::Sum(..) => ("sum", String::new()),
                Node::SumAxis(_, axis) => ("sum", axis.to_string()),
                Node::LogSumExp(..) => ("logsumexp", String::new()),
                Node::LogSumExpAxis(_, axis) => ("logsumexp", axis.to_string()),
                Node::Transpose(..) => ("transpose", String::new()),
                Node::Matmul(..) => ("matmul", String::new()),
                Node::Gather(..) => ("gather", String::new()),
                Node::OneHot(_, classes) => ("one_hot", classes.to_string()),
            };
            let children: Vec<usize> = self.children(*id).iter().map(|child| place[child]).collect();
            take(format!("{name} {own} {:?} {children:?}\n", self.shape(*id).axes()).as_bytes());
        }
        let roots: Vec<usize> = roots.iter().map(|root| place[root]).collect();
        take(format!("{roots:?}\n").as_bytes());
    }
}
