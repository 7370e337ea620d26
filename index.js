// n8n reads the nodes and credentials named in package.json; there is nothing to export.
module.exports = {};
