//! Maps from sites to what was seen of them, stored as a list of pairs: a key of JSON is a string, and a site in its
//! workload is two.

use std::collections::BTreeMap;

use serde::de::{Deserialize, Deserializer, Error};
use serde::ser::{Serialize, Serializer};

use crate::model::SiteKey;

pub(super) fn serialize<T: Serialize, S: Serializer>(
    map: &BTreeMap<SiteKey, T>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    serializer.collect_seq(map)
}

/// Refuses a site that is named twice: one of the two would be lost without a word.
pub(super) fn deserialize<'de, T: Deserialize<'de>, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<BTreeMap<SiteKey, T>, D::Error> {
    let mut map = BTreeMap::new();
    for (key, value) in Vec::<(SiteKey, T)>::deserialize(deserializer)? {
        let name = key.site.clone();
        if map.insert(key, value).is_some() {
            return Err(D::Error::custom(format!("site {name} is named twice in one block")));
        }
    }
    Ok(map)
}
